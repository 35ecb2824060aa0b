"""Long work goes in turns, and one at a time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from protocube_server import turns

if TYPE_CHECKING:
    from collections.abc import Iterator


def _long(name: str, log: list[str], count: int) -> Iterator[str | None]:
    """Yield a part after each turn's time of work."""
    for _ in range(count):
        end = time.monotonic() + turns.SECONDS
        while time.monotonic() < end:
            pass
        log.append(name)
        yield name
        yield None


async def test_others_run_between_the_parts_of_long_work() -> None:
    """A task that is ready waits for a turn, not for the end."""
    log: list[str] = []
    work = asyncio.create_task(turns.taken(_long("work", log, 5)))
    while not work.done():
        log.append("other")
        await asyncio.sleep(0)
    assert await work == ["work"] * 5
    first, last = log.index("work"), len(log) - log[::-1].index("work")
    assert log[first:last].count("other") >= 3


async def test_of_long_work_one_goes_on_at_a_time() -> None:
    """Each has its first turn, which most work ends in; then the first one goes to its end."""
    log: list[str] = []
    await asyncio.gather(*(turns.taken(_long(name, log, 4)) for name in "ab"))
    assert "".join(log) in ("abaaabbb", "aabaabbb", "abaaabbb", "aaaabbbb")


async def test_short_work_waits_for_none() -> None:
    """What ends within its first turn does not let go of the loop."""
    other = asyncio.create_task(asyncio.sleep(0))
    assert await turns.taken(iter([1, None, 2])) == [1, 2]
    assert not other.done()
