"""Long work goes in turns, and one at a time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from protocube_server import flows, turns

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


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
    """What is begun is ended first, of one flow; another flow has every other turn."""
    log: list[str] = []

    async def work(flow: str, name: str) -> None:
        flows.enter(flow)
        await turns.taken(_long(name, log, 6))

    await asyncio.gather(*(work(name, name) for name in "ab"))
    of_two = "".join(log)
    assert "ab" * 3 in of_two or "ba" * 3 in of_two, of_two
    log.clear()
    await asyncio.gather(*(work("both", name) for name in "ab"))
    of_one = "".join(log)
    assert "aaaa" in of_one, of_one
    assert "bbbb" in of_one, of_one


async def test_a_crowd_that_begins_has_one_turn_together() -> None:
    """However many begin in one round of the loop, it is long for one turn, and not for each."""
    log: list[str] = []
    work = asyncio.gather(*(turns.taken(_long(str(count), log, 2)) for count in range(40)))
    worst, before = 0, 0
    while not work.done():
        await asyncio.sleep(0)
        worst, before = max(worst, len(log) - before), len(log)
    await work
    # Each does one part before it can be told to wait.
    assert worst <= 40 + 2, f"{worst} parts of 5 ms were done in one round"


async def test_a_crowd_is_taken_in_before_long_work_goes_on() -> None:
    """While calls arrive that have to wait, long work pauses, for some time at most."""
    log: list[str] = []
    work = asyncio.create_task(turns.taken(_long("work", log, 20)))
    arrivals = 0
    while not work.done():
        await asyncio.sleep(0)
        turns.note_crowd()
        arrivals += 1
    assert await work == ["work"] * 20
    assert arrivals > 20 * 10, f"{arrivals} calls were taken in during 20 turns"


async def test_short_work_waits_for_none() -> None:
    """What ends within its first turn does not let go of the loop."""
    other = asyncio.create_task(asyncio.sleep(0))
    assert await turns.taken(iter([1, None, 2])) == [1, 2]
    assert not other.done()


async def test_work_of_which_another_paces_many_takes_no_turns_while_it_is_brief() -> None:
    """It does not wait where a crowd has used up the time; what gets long waits as any does."""
    worked = asyncio.gather(*(turns.taken(_long("crowd", [], 1)) for _ in range(3)))
    other = asyncio.create_task(asyncio.sleep(0))
    await other
    log: list[str] = []
    with turns.paced():
        brief = asyncio.create_task(turns.taken(iter([1, None, 2])))
        long = asyncio.create_task(turns.taken(_long("long", log, 5)))
    await asyncio.sleep(0)
    assert brief.done()
    assert not long.done()
    await worked
    assert await long == ["long"] * 5


async def test_steps_are_taken_in_turns_and_return_their_result() -> None:
    """A generator's own result, whatever it is."""

    def steps(result: object) -> Generator[None, None, object]:
        yield
        return result

    assert await turns.returned(steps("done")) == "done"
    assert await turns.returned(steps(None)) is None


async def test_brief_work_waits_for_nothing() -> None:
    """A small object is checked at once, also behind long work that has used up its time."""
    await turns.taken(_long("long", [], 3))
    work = turns.taken(iter(["a", None, "b"]))
    with pytest.raises(StopIteration) as ended:
        work.send(None)
    assert ended.value.value == ["a", "b"]
