"""A way to the server on which many writes take one stream, where the server has it.

A call of its own costs more than most writes do. So writes that meet others on their way join
these in a stream of ``protocube.bulk.v1``, and each still has the answer of a call of its own. What
is lost of a connection is sent again, and the server does nothing twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from protocube import errors
from protocube_client import backoff
from protocube_client.request import Detour
from protocube_client.resource import methods

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from types import TracebackType

    from protocube.bulk.v1 import bulk_pb2
    from protocube.catalog import Catalog
    from protocube_client.connection.connection import Answer, Connection
    from protocube_client.resource.bulk_calls import BulkCalls

_FEW: Final = 12
"""So many writes under way are calls of their own: a stream is worth it from there on."""
_MOST: Final = 64
"""Writes of one request. Two requests are under way at a time: an interrupt waits for them."""
_BYTES: Final = 512 * 1024
"""Bytes of one request from which on nothing is added; a larger write is a call of its own."""
_PATIENCE_SECONDS: Final = 20.0
"""How long a server that is gone is waited for in the middle of a stream."""
_INTERRUPTED: Final = "interrupted before the answer came: whether it is done is not known"
_BROKEN: Final = "the stream of writes broke, and whether this one is done is not known: {}"
_REFUSALS = (
    errors.BadRequest,
    errors.Forbidden,
    errors.MethodNotSupported,
    errors.TooLarge,
    errors.TooManyRequests,
    errors.Unauthenticated,
    errors.Unavailable,
)
"""How a stream ends that was not let in, or whose next request was not begun."""


class StreamedCaller(Detour):
    """A :class:`protocube_client.request.Caller` that is an async context manager.

    Leaving it ends the stream.
    """

    def __init__(
        self,
        connection: Connection,
        catalog: Callable[[], Catalog],
        *,
        calls: int,
        dry_run: bool = False,
    ) -> None:
        """Make up to ``calls`` calls at a time over ``connection``, beside the stream.

        With ``dry_run`` all of the writes only check. A stream bounds the time of no write in
        it, so that there is none on a connection whose calls have a time limit.
        """
        super().__init__(connection)
        self._catalog = catalog
        self._dry_run = dry_run
        self._room = asyncio.Semaphore(calls)
        self._alone = 0
        self._may_stream = calls > 1 and connection.timeout is None
        self._calls: BulkCalls | None = None
        self._identity = ""
        self._waiting: deque[_Waiting] = deque()
        self._sent: deque[_Waiting] = deque()
        self._is_more = asyncio.Event()
        self._run: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Return the caller."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the stream."""
        if self._run is not None:
            self._run.cancel()
            await asyncio.wait({self._run})

    async def call(
        self,
        method: str,
        request: bytes,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # gRPC enforces it
    ) -> Answer:
        """See :class:`protocube_client.request.Caller`.

        A write on its way that is given up with the flight that it belongs to raises
        ``errors.OutcomeUnknown``.
        """
        if timeout is None and methods.answers_with_object(method) and self._joins(request):
            answer = await self._join(method, request)
            if answer is not None:
                return answer
        return await self._call_alone(method, request, timeout)

    def _joins(self, request: bytes) -> bool:
        """Tell whether a call meets enough others, and is small enough, to join them."""
        if not self._may_stream or len(request) > _BYTES:
            return False
        return bool(self._waiting or self._sent) or self._alone >= _FEW

    async def _call_alone(self, method: str, request: bytes, timeout: float | None) -> Answer:  # noqa: ASYNC109  # as of call
        async with self._room:
            self._alone += 1
            try:
                return await self._connection.call(method, request, timeout=timeout)
            except asyncio.CancelledError:
                if methods.writes_one(method) and backoff.is_stopped()():
                    raise errors.OutcomeUnknown(_INTERRUPTED) from None
                raise
            finally:
                self._alone -= 1

    async def _join(self, method: str, request: bytes) -> Answer | None:
        """Make a call in the stream; ``None`` when it has to be made alone, and was not made."""
        # A command of a few calls starts sooner without these.
        import uuid

        from protocube_client.resource import bulk_calls

        if self._calls is None:
            self._calls = bulk_calls.BulkCalls(self._catalog)
            self._identity = str(uuid.uuid4())
        write = self._calls.write(method, request)
        if write is None:
            return None
        waiting = _Waiting(
            write=write,
            outcome=asyncio.get_running_loop().create_future(),
            is_stopped=backoff.is_stopped(),
        )
        self._waiting.append(waiting)
        self._is_more.set()
        if self._run is None:
            self._run = asyncio.create_task(self._stream())
        try:
            outcome = await waiting.outcome
        except asyncio.CancelledError:
            if waiting.is_sent and waiting.is_stopped():
                raise errors.OutcomeUnknown(_INTERRUPTED) from None
            raise
        return None if outcome is None else bulk_calls.answer(outcome)

    async def _stream(self) -> None:
        from protocube_client.bulk_stream import BulkStream

        stream = BulkStream(self._connection, self._requests(), patience=_PATIENCE_SECONDS)
        try:
            async with aclosing(stream.outcomes()) as found:
                async for outcome in found:
                    self._tell(self._sent.popleft(), outcome)
        except errors.ApiError as error:
            is_unknown = isinstance(error, errors.OutcomeUnknown) or stream.connections > 1
            self._end(error, may_repeat=isinstance(error, _REFUSALS) and not is_unknown)
        except Exception as error:  # noqa: BLE001  # it is told to those who wait
            self._end(error, may_repeat=False)
        finally:
            for each in (*self._sent, *self._waiting):
                each.outcome.cancel()

    def _tell(self, waiting: _Waiting, outcome: bulk_pb2.Outcome) -> None:
        if outcome.failure.code == errors.MethodNotSupported.code:
            # A store that has no transactions does not do a request once: all go alone, then.
            self._may_stream = False
            waiting.settle(None)
        else:
            waiting.settle(outcome)

    def _end(self, error: Exception, *, may_repeat: bool) -> None:
        """Let writes be made alone that were not made, and others fail."""
        self._may_stream = False
        for each in self._sent:
            if may_repeat:
                each.settle(None)
            else:
                each.fail(errors.OutcomeUnknown(_BROKEN.format(error)))
        for each in self._waiting:
            each.settle(None)
        self._sent.clear()
        self._waiting.clear()

    async def _requests(self) -> AsyncGenerator[bulk_pb2.WriteRequest, None]:
        """Yield what waits each time that there is room for it."""
        from protocube_client import bulk

        number = 0
        while True:
            while not self._waiting:
                self._is_more.clear()
                await self._is_more.wait()
            request = bulk.request(request_id=f"{self._identity}.{number}", dry_run=self._dry_run)
            number += 1
            size = 0
            while self._waiting and len(request.writes) < _MOST and size < _BYTES:
                each = self._waiting.popleft()
                if each.is_stopped():
                    each.outcome.cancel()
                if each.outcome.done():
                    continue
                each.is_sent = True
                self._sent.append(each)
                request.writes.append(each.write)
                size += len(each.write.call.request.value)
            if request.writes:
                yield request


@dataclass(slots=True, kw_only=True, eq=False)
class _Waiting:
    """A write without an outcome."""

    write: bulk_pb2.Write
    outcome: asyncio.Future[bulk_pb2.Outcome | None]
    """``None`` for a write that was not made, and has to be made alone."""
    is_stopped: Callable[[], bool]
    is_sent: bool = False

    def settle(self, outcome: bulk_pb2.Outcome | None) -> None:
        """Tell whoever waits, if somebody still does."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    def fail(self, error: Exception) -> None:
        """Likewise with an error."""
        if not self.outcome.done():
            self.outcome.set_exception(error)
