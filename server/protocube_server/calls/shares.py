"""How many calls go on at a time, shared fairly by the flows that wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube_server import turns
from protocube_server.calls.verb import RequestClass
from protocube_server.seats import Seats

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.calls.chain import Handler
    from protocube_server.calls.verb import Verb
    from protocube_server.kinds.kind import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrency:
    """How many calls of each class go on at a time.

    One event loop does the work of all of them, so what waits is not answered later for it. A watch
    takes no seat, because it would not give it back; what watches begin with is made page by
    page, in turn of the flows (``Api.beginnings``).
    """

    short: int = 128
    """Reads of one object, and likewise small writes of one: as many as fill a store's batch."""
    long: int = 8
    """Lists, and likewise large writes, and likewise writes of any number of objects. They have
    seats of their own, so that short calls never wait for them."""
    large: int = 16 * 1024
    """Bytes from which on a write is a large one: what is checked of it grows with its size."""


class FairShares:
    """A stage in which calls wait for a seat of their class, in turn of their flows."""

    def __init__(self, limits: Concurrency | None = None) -> None:
        limits = limits or Concurrency()
        self._large = limits.large
        self._large_writes = Seats(limits.long)
        self._seats = {
            RequestClass.READ: Seats(limits.short),
            RequestClass.WRITE: Seats(limits.short),
            RequestClass.LIST: Seats(limits.long),
            RequestClass.WRITE_MANY: Seats(limits.long),
        }

    def compile(self, kind: Kind, verb: Verb, following: Handler) -> Handler:
        """See :class:`~protocube_server.calls.chain.Stage`."""
        del kind
        seats = self._seats.get(verb.request_class)
        if seats is None:
            return following
        if verb.request_class is not RequestClass.WRITE:
            return _seated(seats, following)
        small, large = _seated(seats, following), _seated(self._large_writes, following)
        most = self._large

        def handle(call: Call) -> Any:
            return small(call) if len(call.raw) < most else large(call)

        return handle


def _seated(seats: Seats, following: Handler) -> Handler:
    take_free, take, give_back = seats.take_free, seats.take, seats.give_back

    async def handle(call: Call) -> Any:
        if not take_free():
            turns.note_crowd()
            await take()
        try:
            return await following(call)
        finally:
            give_back()

    return handle
