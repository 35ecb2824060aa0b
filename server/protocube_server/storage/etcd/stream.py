"""Many watches on one stream to one member of the cluster.

The server names a watch in the answer that says it was created; from then on its
responses carry that name. One watch is asked for at a time, so that the next such
answer is always to the oldest request.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from grpc.aio import AioRpcError

from protocube_server.storage import ranges
from protocube_server.storage.etcd.proto import rpc_pb2
from protocube_server.storage.etcd.subscription import Subscription

if TYPE_CHECKING:
    from protocube_server.storage.etcd.endpoint import Endpoint
    from protocube_server.storage.etcd.tokens import Metadata

_PROGRESS = rpc_pb2.WatchRequest(progress_request=rpc_pb2.WatchProgressRequest())


class Stream:
    """Hands each response to the watch that it is for, until the stream ends.

    ``ask_every`` is the time between two requests for a progress mark, in seconds, while
    a watch wants them; ``None`` asks for none. Its owner calls :meth:`close`.
    """

    def __init__(self, endpoint: Endpoint, metadata: Metadata, *, ask_every: float | None) -> None:
        self.endpoint = endpoint
        self.metadata = metadata
        self.is_open = True
        self.is_proven = False
        """Whether the cluster was found to have the same history since it was opened."""
        self._asked = 0
        self._ask_every = ask_every
        self._call = endpoint.watch.Watch(None, metadata=metadata)
        self._requests: asyncio.Queue[rpc_pb2.WatchRequest] = asyncio.Queue()
        self._waiting: deque[Subscription] = deque()
        self._live: dict[int, Subscription] = {}
        self._tasks = {
            asyncio.create_task(self._read(), name="etcd-watch-read"),
            asyncio.create_task(self._write(), name="etcd-watch-write"),
            asyncio.create_task(self._leave(), name="etcd-watch-leave"),
        }

    @property
    def is_unused(self) -> bool:
        """Whether no watch is on it."""
        return not self._waiting and not self._live

    @property
    def is_first(self) -> bool:
        """Whether only one watch was ever asked for: the token is as new as can be."""
        return self._asked == 1

    def subscribe(self, request: rpc_pb2.WatchRequest, *, progress: bool) -> Subscription:
        """Ask for a watch. The stream must be open."""
        subscription = Subscription(request, progress=progress)
        self._asked += 1
        self._waiting.append(subscription)
        if len(self._waiting) == 1:
            self._requests.put_nowait(request)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a watch; harmless when it has ended."""
        subscription.is_wanted = False
        watch = subscription.watch
        if watch is not None:
            if self._live.get(watch) is subscription:
                self._cancel(watch)
            return
        # One that is not created yet is cancelled when it is; one not asked for never is.
        if subscription in self._waiting and self._waiting[0] is not subscription:
            self._waiting.remove(subscription)

    def leave(self) -> None:
        """End all watches, soon."""
        self.is_open = False  # For new watches.
        self._call.cancel()

    async def close(self) -> None:
        """End all watches and wait for the tasks. Closing twice is harmless."""
        self.is_open = False
        self._call.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def _read(self) -> None:
        fault: AioRpcError | None = None
        try:
            while isinstance(response := await self._call.read(), rpc_pb2.WatchResponse):
                self._route(response)
        except AioRpcError as error:
            fault = error
        finally:
            self.is_open = False
            for subscription in (*self._waiting, *self._live.values()):
                subscription.end(fault)
            self._waiting.clear()
            self._live.clear()

    async def _leave(self) -> None:
        await self.endpoint.abandoned.wait()
        self.leave()

    async def _write(self) -> None:
        while self.is_open:
            try:
                async with asyncio.timeout(self._ask_every):
                    request = await self._requests.get()
            except TimeoutError:
                if not any(each.progress for each in self._live.values()):
                    continue
                request = _PROGRESS
            try:
                await self._call.write(request)
            except (AioRpcError, asyncio.InvalidStateError):
                return  # The call has ended. Reading from it says how.

    def _route(self, response: rpc_pb2.WatchResponse) -> None:
        watch = response.watch_id
        if response.created:
            # Said of each request for a watch, also of one that is refused at once.
            if self._waiting:
                self._created(self._waiting.popleft(), response)
        elif (subscription := self._live.get(watch)) is not None:
            if response.canceled:
                del self._live[watch]
            if not subscription.offer(response):
                self._cancel(watch)
        elif not response.events and not response.canceled:
            # A mark for all. One that is not created yet may have events before it.
            for subscription in self._live.values():
                subscription.offer(response)

    def _created(self, subscription: Subscription, response: rpc_pb2.WatchResponse) -> None:
        if self._waiting:
            self._requests.put_nowait(self._waiting[0].request)
        if not response.canceled:
            subscription.watch = response.watch_id
            self._live[response.watch_id] = subscription
            if not subscription.is_wanted:
                self._cancel(response.watch_id)
        subscription.offer(response)

    def _cancel(self, watch: int) -> None:
        del self._live[watch]
        self._requests.put_nowait(
            rpc_pb2.WatchRequest(cancel_request=rpc_pb2.WatchCancelRequest(watch_id=watch))
        )


def request(prefix: bytes, *, after: int, marks: bool) -> rpc_pb2.WatchRequest:
    """Return the request to watch ``prefix`` behind the revision ``after``.

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
