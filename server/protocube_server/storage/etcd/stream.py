"""One watch on one stream to one member of the cluster."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

from protocube_server.storage import ranges
from protocube_server.storage.etcd.connection import METADATA, Endpoint
from protocube_server.storage.etcd.proto import rpc_pb2

if TYPE_CHECKING:
    from types import TracebackType

_PROGRESS = rpc_pb2.WatchRequest(progress_request=rpc_pb2.WatchProgressRequest())


class Stream:
    """Reads the responses to one watch request. Leaving its context cancels the call.

    ``ask_every`` is the time between two requests for a progress mark, in seconds;
    ``None`` asks for none. The stream ends when ``closing`` is done.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        request: rpc_pb2.WatchRequest,
        *,
        closing: asyncio.Future[None],
        ask_every: float | None,
    ) -> None:
        self._request = request
        self._closing = closing
        self._ask_every = ask_every
        self._call = endpoint.watch.Watch(None, metadata=METADATA)
        self._reading: asyncio.Task[object] | None = None

    async def __aenter__(self) -> Self:
        await self._send(self._request)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._call.cancel()
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)

    async def read(self) -> rpc_pb2.WatchResponse | None:
        """Give the next response, ``None`` at the end. Raises ``AioRpcError``."""
        # Cancelling a read of grpc.aio cancels its call, so a read outlives the waits for it.
        reading = self._reading = self._reading or asyncio.create_task(self._call.read())
        either: set[asyncio.Future[Any]] = {reading, self._closing}
        while not reading.done():
            await asyncio.wait(
                either,
                timeout=self._ask_every,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if self._closing.done():
                return None
            if not reading.done():
                await self._send(_PROGRESS)
        self._reading = None
        response = reading.result()
        return response if isinstance(response, rpc_pb2.WatchResponse) else None

    async def _send(self, request: rpc_pb2.WatchRequest) -> None:
        try:
            await self._call.write(request)
        except asyncio.InvalidStateError:
            # The call has ended already. Reading from it says how.
            return


def request(prefix: bytes, *, after: int, marks: bool) -> rpc_pb2.WatchRequest:
    """Give the request to watch ``prefix`` behind the revision ``after``.

    It names ``after`` itself, and what comes of that revision is to be dropped. etcd
    then says that ``after`` was compacted; if it were asked for the next revision it
    would not, though a compaction at just that one may have taken its deletions.
    """
    return rpc_pb2.WatchRequest(
        create_request=rpc_pb2.WatchCreateRequest(
            key=prefix or b"\0",
            range_end=ranges.end_of(prefix),
            start_revision=max(after, 1),  # 0 would mean "from now on".
            progress_notify=marks,
            prev_kv=True,
            fragment=True,
        )
    )
