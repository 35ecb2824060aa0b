"""Calls that take too long: ended at their time, the others left alone."""

from __future__ import annotations

import asyncio

import pytest

from protocube_server.edge.overdue import Overdue, Turn


async def _call(overdue: Overdue, wait: asyncio.Event) -> Turn:
    turn = overdue.begin()
    try:
        await wait.wait()
    except asyncio.CancelledError:
        assert turn.is_late
        turn.task.uncancel()
    finally:
        overdue.end(turn)
    return turn


async def test_each_late_call_is_ended() -> None:
    """Calls that began one after the other end one after the other, by one timer."""
    overdue = Overdue(0.02)
    never = asyncio.Event()
    async with asyncio.timeout(20):
        first = await asyncio.gather(*(_call(overdue, never) for _ in range(3)))
        second = await _call(overdue, never)
    assert all(turn.is_late for turn in (*first, second))


async def test_a_call_that_is_over_is_left_alone() -> None:
    """Its task may go on with something else for as long as it likes."""
    overdue = Overdue(0.01)
    turn = overdue.begin()
    overdue.end(turn)
    late = await asyncio.create_task(_call(overdue, asyncio.Event()))
    assert late.is_late
    assert not turn.is_late
    assert not turn.task.cancelling()


async def test_who_is_cancelled_by_others_is_not_late() -> None:
    """A client that leaves is no call that took too long."""
    overdue = Overdue(60)
    began = asyncio.Event()

    async def call() -> None:
        turn = overdue.begin()
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            assert not turn.is_late
            overdue.end(turn)

    task = asyncio.create_task(call())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
