"""The requests of a bulk call on their way, over connections that come and go."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube_client import backoff
from protocube_client.connection.unreachable import CannotConnect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable

    from protocube_client.connection.connection import Connection

_METHOD: Final = "/protocube.bulk.v1.Bulk/Write"
_AHEAD: Final = 2
"""Requests that are sent before the first of them is answered."""


class _Kept:
    """Requests of which none is lost when a connection breaks that waits for the next one."""

    def __init__(self, requests: AsyncIterator[bulk_pb2.WriteRequest]) -> None:
        self._requests = requests
        self._waiting: asyncio.Task[bulk_pb2.WriteRequest | None] | None = None

    async def next(self) -> bulk_pb2.WriteRequest | None:
        """Return the next request, ``None`` behind the last one. It stays so until it is taken."""
        if self._waiting is None:
            self._waiting = asyncio.ensure_future(self._next())
        return await asyncio.shield(self._waiting)

    def take(self) -> None:
        """Take what :meth:`next` has returned."""
        self._waiting = None

    async def _next(self) -> bulk_pb2.WriteRequest | None:
        return await anext(self._requests, None)

    async def close(self) -> None:
        """Ask for no more."""
        if self._waiting is not None:
            self._waiting.cancel()
            await asyncio.wait({self._waiting})


@dataclass(slots=True)
class _Sent:
    """A request that is not answered to its end."""

    request: bulk_pb2.WriteRequest
    answered: int = 0
    """Outcomes that came by the present connection."""
    told: int = 0
    """Outcomes that were yielded."""


@dataclass(slots=True)
class BulkStream:
    """A stream of requests, which is taken up again where it breaks if they have ids."""

    connection: Connection
    requests: AsyncIterator[bulk_pb2.WriteRequest]
    """One is asked for when the server has room for it."""
    patience: float
    """Seconds without an answer after which a stream that breaks is given up; 0 for at once."""
    connections: int = 0
    """How many there were, the present one included."""
    _open: deque[_Sent] = field(default_factory=deque)
    _is_answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def outcomes(self) -> AsyncGenerator[bulk_pb2.Outcome, None]:
        """Yield the outcomes of all writes in their order. Raises what ends the stream."""
        left = _Kept(self.requests)
        try:
            async with aclosing(self._resumed(left)) as found:
                async for outcome in found:
                    yield outcome
        finally:
            await left.close()

    async def _resumed(self, left: _Kept) -> AsyncGenerator[bulk_pb2.Outcome, None]:
        loop = asyncio.get_running_loop()
        failures, since, is_known = 0, loop.time(), False
        while True:
            for each in self._open:
                each.answered = 0
            try:
                responses = self.connection.converse(_METHOD, self._sending(left))
                async with aclosing(responses) as answers:
                    async for answer in answers:
                        failures, since, is_known = 0, loop.time(), True
                        for outcome in self._taken(bulk_pb2.WriteResponse.FromString(answer)):
                            yield outcome
            except (errors.Unavailable, errors.TooManyRequests) as error:
                # A server that was never there is told at once.
                is_first = isinstance(error, CannotConnect) and not is_known
                # A limit that passes is one that says so.
                passes = isinstance(error, errors.Unavailable) or error.retry_after
                if is_first or not passes or loop.time() - since >= self.patience:
                    raise
                await backoff.wait(backoff.doubling(failures))
                failures += 1
                continue
            if not self._open:
                return
            raise errors.OutcomeUnknown("the stream ended before all of its writes were answered")

    async def _sending(self, left: _Kept) -> AsyncIterator[bytes]:
        """Yield what a new connection has to send: what is open, and then what is left."""
        self.connections += 1
        own = self.connections
        for each in tuple(self._open):
            yield each.request.SerializeToString()
        while True:
            while len(self._open) >= _AHEAD:
                self._is_answered.clear()
                await self._is_answered.wait()
            request = await left.next()
            # gRPC may still ask for the requests of a connection that is gone.
            if request is None or own != self.connections:
                return
            left.take()
            self._open.append(_Sent(request))
            yield request.SerializeToString()

    def _taken(self, response: bulk_pb2.WriteResponse) -> Iterable[bulk_pb2.Outcome]:
        """Return what of a response was not yielded yet."""
        if not self._open:
            raise errors.Internal("the server answers more writes than it was given")
        sent = self._open[0]
        found: list[bulk_pb2.Outcome] = []
        for outcome in response.outcomes:
            sent.answered += 1
            if sent.answered > sent.told:
                sent.told += 1
                found.append(outcome)
        if sent.answered >= len(sent.request.writes):
            self._open.popleft()
            self._is_answered.set()
        return found
