"""Seats: so much goes on at a time, and what waits gets its seat in turn of the flows.

First come, first served would let a caller with a thousand requests be served a thousand times
before another caller's first one. Here the flows that wait are served one after the other, and
within a flow the first to come.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Self

from protocube_server import flows

if TYPE_CHECKING:
    from protocube_server.flows import Flow

_Queue = OrderedDict["asyncio.Future[None]", None]
"""In the order in which seats are given. Not a deque: what is cancelled leaves it at once."""


class Seats:
    """A number of seats on one event loop. As a context it is one seat."""

    def __init__(self, count: int) -> None:
        self._free = count
        # While a seat is free nothing waits.
        self._waiting: OrderedDict[Flow, _Queue] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    def take_free(self) -> bool:
        """Take a seat if there is a free one, and tell whether there was.

        Each seat that is taken must be given back.
        """
        if self._free:
            self._free -= 1
            return True
        return False

    async def take(self, *, first: bool = False) -> None:
        """Take a seat, and wait for it in turn of the flows.

        ``first`` goes before what waits of the same flow already.
        """
        if self.take_free():
            return
        flow = flows.current()
        turn = asyncio.get_running_loop().create_future()
        queue = self._waiting.setdefault(flow, OrderedDict())
        queue[turn] = None
        if first:
            queue.move_to_end(turn, last=False)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._leave(flow, turn)
            else:
                self.give_back()
            raise

    def give_back(self) -> None:
        """Let go of a seat: it goes to the next flow that waits."""
        while self._waiting:
            flow, queue = self._waiting.popitem(last=False)
            turn, _ = queue.popitem(last=False)
            if queue:
                self._waiting[flow] = queue
            if not turn.done():
                turn.set_result(None)
                return
            # Its task was cancelled, and has not run since.
        self._free += 1

    def are_wanted_by_others(self) -> bool:
        """Tell whether a flow waits that is not the present one."""
        waiting = self._waiting
        return len(waiting) > 1 or (len(waiting) == 1 and flows.current() not in waiting)

    async def __aenter__(self) -> Self:
        """Take a seat."""
        await self.take()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give it back."""
        self.give_back()

    def _leave(self, flow: Flow, turn: asyncio.Future[None]) -> None:
        queue = self._waiting.get(flow)
        if queue is not None:
            queue.pop(turn, None)
            if not queue:
                del self._waiting[flow]
