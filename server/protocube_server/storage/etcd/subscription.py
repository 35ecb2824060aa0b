"""The responses to one of the watches that share a stream."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grpc.aio import AioRpcError

    from protocube_server.storage.etcd.proto import rpc_pb2

_MOST_RESPONSES = 1000
_MOST_BYTES = 16 * 1024 * 1024


class Ended(Exception):  # a statement about the subscription
    """There are no further responses.

    ``fault`` is how its stream failed, ``None`` when it just ended. ``is_behind`` says
    that the reader was too slow: what it missed is to be asked for again.
    """

    def __init__(self, fault: AioRpcError | None, *, is_behind: bool) -> None:
        super().__init__("the stream ended")
        self.fault = fault
        self.is_behind = is_behind


class Subscription:
    """A queue of bounded size: a reader that stops must not hold up the others' stream."""

    def __init__(self, request: rpc_pb2.WatchRequest, *, progress: bool) -> None:
        self.request = request
        self.progress = progress
        self.is_wanted = True
        self.watch: int | None = None
        """The server's name for it, once it is created."""
        self._queue: deque[rpc_pb2.WatchResponse] = deque()
        self._size = 0
        self._news = asyncio.Event()
        self._ended: Ended | None = None

    def offer(self, response: rpc_pb2.WatchResponse) -> bool:
        """Take a response; ``False`` when there is no room, and there will be no more."""
        if self._ended:
            return False
        last = self._queue[-1] if self._queue else None
        if last is not None and _is_mark(last) and _is_mark(response):
            self._queue[-1] = response  # The newer one says all that the older one said.
            return True
        # An empty queue takes a response of any size.
        if self._queue and (len(self._queue) >= _MOST_RESPONSES or self._size > _MOST_BYTES):
            self._end(Ended(None, is_behind=True))
            return False
        self._size += response.ByteSize()
        self._queue.append(response)
        self._news.set()
        return True

    def end(self, fault: AioRpcError | None) -> None:
        """Say that nothing follows what is in the queue."""
        if self._ended is None:
            self._end(Ended(fault, is_behind=False))

    async def read(self) -> rpc_pb2.WatchResponse:
        """Return the next response. Raises :class:`Ended` behind the last."""
        while not self._queue:
            if self._ended:
                raise self._ended
            self._news.clear()
            await self._news.wait()
        response = self._queue.popleft()
        self._size -= response.ByteSize()
        return response

    def _end(self, ended: Ended) -> None:
        self._ended = ended
        self._news.set()


def _is_mark(response: rpc_pb2.WatchResponse) -> bool:
    return not (response.events or response.created or response.canceled)
