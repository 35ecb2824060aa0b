"""A way to the server on which the writes of several works happen at one moment, or none does.

Each work goes on by itself until it has something to write. When all that go on wait with a write,
these are one atomic request. Where the server refuses one of them, that work is told so: it fails,
and then all do; or it ends well without the write, or has another one, and the rest is tried again.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_client import bulk
from protocube_client.bulk_stream import BulkStream
from protocube_client.request import Detour
from protocube_client.resource import bulk_calls, methods
from protocube_client.resource.aggregate import kept

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from protocube.bulk.v1 import bulk_pb2
    from protocube.catalog import Catalog
    from protocube_client.connection.connection import Answer, Connection
    from protocube_client.resource.visitor import Landing

MOST: Final = 100
"""Objects that the server takes at a time."""
_PATIENCE_SECONDS: Final = 20.0
"""How long a server that is gone is waited for once the writes were sent."""
_MOMENT_SECONDS: Final = 5.0
"""How long an interrupted run waits for an answer."""
_BROKEN: Final = "the connection broke, and whether the objects are written is not known: {}"
_NOT_DONE: Final = "not done: another object was refused"

Work = Callable[[], Awaitable["Landing | None"]]
"""Does what is to be done with one object, and returns what tells of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one work ended."""

    landing: Landing | None = None
    """What tells of it."""
    error: Exception | None = None
    """Why it failed; ``errors.NotDone`` when it is another one's fault."""


class AllOrNothing(Detour):
    """A :class:`protocube_client.request.Caller` for the works that it runs."""

    def __init__(
        self, connection: Connection, catalog: Callable[[], Catalog], *, dry_run: bool
    ) -> None:
        """Write over ``connection``. With ``dry_run`` all of the writes only check."""
        super().__init__(connection)
        self._calls = bulk_calls.BulkCalls(catalog)
        self._dry_run = dry_run
        self._going = 0
        """Works that have not ended."""
        self._waiting: list[_Waiting] = []
        self.is_done = False
        """The writes have happened. What a work does after them is on its own."""
        self.interrupted: list[Ended] | None = []
        """How the works ended of a run that was cancelled: none did when nothing was sent, and it
        is not known when the answer did not come."""
        self._has_failed = False
        self._refusal: asyncio.Future[None] | None = None
        """Gets what ends the run."""
        self._sending: asyncio.Task[None] | None = None

    async def call(
        self,
        method: str,
        request: bytes,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # gRPC enforces it
    ) -> Answer:
        """See :class:`protocube_client.request.Caller`; a write waits for all others.

        Raises ``errors.NotDone`` when another work has failed.
        """
        if self.is_done or not methods.writes_one(method):
            return await self._connection.call(method, request, timeout=timeout)
        write = self._calls.write(method, request)
        if write is None:
            raise errors.NotFound(f"no kind that is known has the method {method}")
        if self._has_failed:
            raise errors.NotDone(_NOT_DONE)
        answered: asyncio.Future[bulk_pb2.Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(write=write, outcome=answered))
        self._look()
        return bulk_calls.answer(await answered)

    async def run(self, works: Sequence[Work]) -> list[Ended]:
        """Run all works, :data:`MOST` at most, and return how each ended.

        Raises what a server says that has no such request, or cannot be reached. When it is
        cancelled while the server is at it, the works get a moment to end.
        """
        self._going = len(works)
        self._refusal = asyncio.get_running_loop().create_future()
        tasks = [asyncio.ensure_future(self._one(work)) for work in works]
        try:
            pending: set[asyncio.Future[Any]] = {*tasks}
            while pending and not self._refusal.done():
                _, pending = await asyncio.wait(
                    {*pending, self._refusal}, return_when=asyncio.FIRST_COMPLETED
                )
                pending.discard(self._refusal)
            if self._refusal.done():
                await self._refusal
            return [task.result() for task in tasks]
        except asyncio.CancelledError:
            if self._sending is not None:
                _, going = await asyncio.wait(tasks, timeout=_MOMENT_SECONDS)
                self.interrupted = None if going else [task.result() for task in tasks]
            raise
        finally:
            self._refusal.cancel()
            left = [task for task in (*tasks, self._sending) if task is not None]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _one(self, work: Work) -> Ended:
        try:
            ended = Ended(landing=await work())
        except Exception as error:  # noqa: BLE001  # told, not lost
            self._has_failed = self._has_failed or not self.is_done
            ended = Ended(error=kept(error))
        self._going -= 1
        self._look()
        return ended

    def _look(self) -> None:
        """Send what waits once all that go on do."""
        if self._sending is not None or not self._waiting or len(self._waiting) < self._going:
            return
        if self._has_failed:
            for each in self._waiting:
                each.outcome.set_exception(errors.NotDone(_NOT_DONE))
            self._waiting.clear()
            return
        self._sending = asyncio.ensure_future(self._send())

    async def _send(self) -> None:
        """Make all writes that wait, and tell those that have an answer of their own."""
        request = bulk.request(
            [each.write for each in self._waiting],
            request_id=str(uuid.uuid4()),
            atomic=True,
            dry_run=self._dry_run,
        )

        async def requests() -> AsyncGenerator[bulk_pb2.WriteRequest, None]:
            yield request

        stream = BulkStream(self._connection, requests(), patience=_PATIENCE_SECONDS)
        try:
            async with aclosing(stream.outcomes()) as outcomes:
                found = [outcome async for outcome in outcomes]
        except Exception as raised:  # noqa: BLE001  # it is raised by the run
            error = (
                errors.OutcomeUnknown(_BROKEN.format(raised)) if stream.connections > 1 else raised
            )
            if self._refusal is not None and not self._refusal.done():
                self._refusal.set_exception(error)
            return
        self._settle(found)
        self._sending = None
        self._look()

    def _settle(self, found: Sequence[bulk_pb2.Outcome]) -> None:
        waiting, self._waiting = self._waiting, []
        failures = [bulk.failure(outcome) for outcome in found]
        self.is_done = not any(failures)
        own = [error is not None and not isinstance(error, errors.NotDone) for error in failures]
        for each, outcome, is_own in zip(waiting, found, own, strict=True):
            if self.is_done or is_own or not any(own):
                each.outcome.set_result(outcome)
            else:
                self._waiting.append(each)


@dataclass(slots=True, kw_only=True, eq=False)
class _Waiting:
    """A write without an outcome."""

    write: bulk_pb2.Write
    outcome: asyncio.Future[bulk_pb2.Outcome]
