"""When a watch is told how far it has come: in virtual time."""

from __future__ import annotations

import asyncio
import random

import pytest

from protocube_server.cache.marks import Marks
from tests.simulation import loop


async def _times(every: float | None, end: float | None, until: float) -> list[float]:
    """Return when a watch that asks each half second is told, in seconds from its begin."""
    now = asyncio.get_running_loop().time
    begin = now()
    marks = Marks(every, None if end is None else begin + end)
    found = []
    while now() < begin + until:
        await loop.wait(0.5)
        if marks.take():
            found.append(round(now() - begin, 1))
    return found


@pytest.mark.parametrize(
    ("every", "end", "expected"),
    [
        (3.0, None, [3.0, 6.0, 9.0]),
        (3.0, 10.0, [3.0, 6.0, 8.0, 9.0, 10.0]),
        (60.0, 10.0, [8.0, 9.0, 10.0]),
        (None, 10.0, []),
    ],
)
def test_the_last_marks_come_before_the_end(
    every: float | None, end: float | None, expected: list[float]
) -> None:
    """From two seconds before it on, each second, so that the next watch goes on from there."""
    assert loop.run(_times(every, end, 10.0), random.Random(1)) == expected
