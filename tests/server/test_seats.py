"""Seats: given in turn of the flows, and never lost."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING

from protocube_server import flows
from protocube_server.seats import Seats

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any


def _of(flow: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    context = contextvars.copy_context()
    context.run(flows.enter, flow)
    return asyncio.create_task(work, context=context)


async def _noted(seats: Seats, name: str, served: list[str]) -> None:
    async with seats:
        served.append(name)
        await asyncio.sleep(0)


async def test_flows_are_served_in_turn() -> None:
    """A flow with one call that came last is not served last; within a flow the first is first."""
    seats, served = Seats(1), list[str]()
    calls = [_of(name[0], _noted(seats, name, served)) for name in ("a1", "a2", "a3", "b1", "c1")]
    await asyncio.gather(*calls)
    assert served == ["a1", "a2", "b1", "c1", "a3"]


async def test_so_many_are_taken_and_no_more() -> None:
    """A seat is free again when it is given back and nothing waits."""
    seats = Seats(2)
    assert [seats.take_free() for _ in range(3)] == [True, True, False]
    seats.give_back()
    assert seats.take_free()


async def test_what_is_cancelled_waits_no_longer() -> None:
    """Neither the place of a call whose caller has left is kept, nor the seat it was just given."""
    seats, served = Seats(1), list[str]()
    await seats.take()
    calls = {name: _of("a", _noted(seats, name, served)) for name in ("gone", "given", "last")}
    await asyncio.sleep(0)
    assert seats.waiting == 3
    calls["gone"].cancel()
    await asyncio.sleep(0)
    assert seats.waiting == 2
    seats.give_back()
    calls["given"].cancel()
    await asyncio.wait(calls.values())
    assert served == ["last"]
    assert seats.take_free()


async def test_a_seat_passes_by_what_is_just_being_cancelled() -> None:
    """Also between a task's cancellation and its next step."""
    seats, served = Seats(1), list[str]()
    await seats.take()
    calls = {name: _of(name, _noted(seats, name, served)) for name in ("gone", "next")}
    await asyncio.sleep(0)
    calls["gone"].cancel()
    seats.give_back()
    await asyncio.wait(calls.values())
    assert served == ["next"]


async def test_whether_others_want_them() -> None:
    """Others are those of another flow than the present one."""
    seats, served = Seats(1), list[str]()
    flows.enter("a")
    await seats.take()
    same = _of("a", _noted(seats, "same", served))
    await asyncio.sleep(0)
    assert not seats.are_wanted_by_others()
    other = _of("b", _noted(seats, "other", served))
    await asyncio.sleep(0)
    assert seats.are_wanted_by_others()
    seats.give_back()
    await asyncio.gather(same, other)
