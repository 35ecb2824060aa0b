"""Work beside other work: nothing is left running, and errors are told."""

from __future__ import annotations

import asyncio

import pytest

from protocube_server import tasks


async def test_the_first_that_ends_ends_the_others() -> None:
    """They have ended, too, when that is told."""
    never, ended = asyncio.Event(), []

    async def wait() -> None:
        try:
            await never.wait()
        finally:
            await asyncio.sleep(0)
            ended.append("waiting")

    async def fail() -> None:
        raise ValueError("told")

    with pytest.raises(ValueError, match="told"):
        await tasks.until_one_ends((wait(), fail(), wait()))
    assert ended == ["waiting"] * 2
    await tasks.until_one_ends((wait(), asyncio.sleep(0)))
    assert ended == ["waiting"] * 3


async def test_so_many_go_together() -> None:
    """Results are in the order of the items; after an error no other item is begun."""
    running, most, begun = 0, 0, []

    async def act(item: int) -> int:
        nonlocal running, most
        begun.append(item)
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        if item == 5:
            raise ValueError("five")
        return -item

    assert await tasks.some_at_a_time(act, range(5), at_once=2) == [0, -1, -2, -3, -4]
    assert most == 2
    begun.clear()
    with pytest.raises(ValueError, match="five"):
        await tasks.some_at_a_time(act, range(4, 9), at_once=3)
    assert begun == [4, 5, 6]
    assert running == 0
