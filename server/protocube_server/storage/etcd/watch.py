"""Watches of prefixes that survive lost connections.

A watch ends in four ways: etcd cancels it because its revision was compacted
(``Expired``), etcd cancels it for another reason (raised), the stream fails, or the
stream ends. The last two only lose the connection, and the watch goes on behind the
last revision that it gave. All watches of a store share one stream.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

from grpc.aio import AioRpcError

from protocube import errors
from protocube_server.storage import base
from protocube_server.storage.etcd import faults
from protocube_server.storage.etcd.assembly import Assembly
from protocube_server.storage.etcd.client import pauses
from protocube_server.storage.etcd.stream import Stream, request
from protocube_server.storage.etcd.subscription import Ended

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.storage.etcd.client import Client
    from protocube_server.storage.etcd.connection import Connection
    from protocube_server.storage.etcd.endpoint import Endpoint
    from protocube_server.storage.etcd.proto import rpc_pb2

_log = logging.getLogger(__name__)


class Follower:
    """Follows prefixes over one connection.

    ``progress_interval`` is the time between two requests for a progress mark, in
    seconds; ``None`` where the server's marks cannot be trusted.
    """

    def __init__(
        self, connection: Connection, client: Client, *, progress_interval: float | None
    ) -> None:
        self.progress_interval = progress_interval
        self._connection = connection
        self._client = client
        self._incarnation = client.incarnation
        self._incarnation.changed = self._leave
        self._proving = asyncio.Lock()
        self._stream: Stream | None = None
        self._opening = asyncio.Lock()

    async def follow(
        self, prefix: bytes, *, after: int, progress: bool
    ) -> AsyncGenerator[base.Revision, None]:
        """Yield the revisions behind ``after``, as :meth:`base.Store.watch` says."""
        marks = self.progress_interval is not None
        closing = self._connection.closing
        assembly = Assembly(position=after, marks=marks)
        waits = pauses()
        incarnation = self._incarnation.name
        while not closing.done():
            self._require(incarnation)
            endpoint = self._connection.current
            try:
                stream = await self._open_stream()
                endpoint = stream.endpoint
                wanted = request(prefix, after=assembly.position, marks=marks)
                async with aclosing(self._responses(stream, wanted, progress=progress)) as found:
                    async for response in found:
                        waits = pauses()
                        for revision in assembly.take(response):
                            self._require(incarnation)
                            self._incarnation.gave(revision)
                            if revision.events or progress:
                                yield revision
                continue  # Behind the same revision, with another token.
            except Ended as ended:
                if ended.is_behind:
                    continue
                lost = _say(ended.fault, endpoint)
            except AioRpcError as error:
                lost = _say(error, endpoint)
            finally:
                assembly.restart()
            self._require(incarnation)
            if not closing.done():
                _log.warning("a watch goes on behind revision %d: %s", assembly.position, lost)
                self._connection.leave(endpoint)
                await asyncio.wait({closing}, timeout=next(waits))
        raise base.closed()

    @property
    def is_cut_off(self) -> bool:
        """Whether the cluster may have another history than its watches know: a stream is lost."""
        stream = self._stream
        return stream is not None and not (stream.is_open and stream.is_proven)

    def _leave(self) -> None:
        """End the watches, which are of another history."""
        if self._stream is not None:
            self._stream.leave()

    async def close(self) -> None:
        """End the stream."""
        if self._stream is not None:
            await self._stream.close()

    async def _responses(
        self, stream: Stream, wanted: rpc_pb2.WatchRequest, *, progress: bool
    ) -> AsyncGenerator[rpc_pb2.WatchResponse, None]:
        """Yield the responses to one watch on ``stream``.

        Ends when the stream's token has expired. Raises :class:`Ended` when the stream
        ends, and the reason when etcd ends the watch.
        """
        subscription = stream.subscribe(wanted, progress=progress)
        try:
            while not (response := await subscription.read()).canceled:
                if not stream.is_proven:
                    await self._prove(stream)
                yield response
        finally:
            stream.unsubscribe(subscription)
            if stream.is_unused and stream.is_open and self._stream is stream:
                self._stream = None
            if stream.is_unused or not stream.is_open:
                await stream.close()
        if not self._renew(stream, response):
            raise faults.of_cancelled_watch(
                response.cancel_reason, response.compact_revision, stream.endpoint.address
            )

    def _require(self, incarnation: str) -> None:
        """Raise ``errors.Expired`` when the cluster is of another incarnation."""
        if self._incarnation.name != incarnation:
            raise base.gone_back()

    async def _prove(self, stream: Stream) -> None:
        """Look whether the cluster behind a new stream has the history that is known.

        Raises :class:`Ended` when it cannot be told.
        """
        async with self._proving:
            if stream.is_proven:
                return
            try:
                await self._incarnation.prove(self._client.range)
            except errors.Unavailable:
                raise Ended(None, is_behind=False) from None
            stream.is_proven = True

    async def _open_stream(self) -> Stream:
        async with self._opening:
            stream = self._stream
            if stream is None or not stream.is_open:
                endpoint = self._connection.current
                metadata = await self._connection.tokens.metadata(endpoint)
                stream = Stream(endpoint, metadata, ask_every=self.progress_interval)
                self._stream = stream
            return stream

    def _renew(self, stream: Stream, response: rpc_pb2.WatchResponse) -> bool:
        """Open another stream for new watches if this one's token may have expired.

        etcd looks at the token of a stream with each watch that is asked for on it, and
        some versions say only that permission is denied: then a new token is tried once.
        """
        reason = response.cancel_reason
        if not (faults.is_about_token(reason) or "permission denied" in reason):
            return False
        if stream.is_first or not self._connection.tokens.drop(stream.metadata):
            return False
        if self._stream is stream:
            self._stream = None  # Its other watches go on, and the last of them closes it.
        return True


def _say(error: AioRpcError | None, endpoint: Endpoint) -> str:
    """Say how the connection was lost. Raises what trying again cannot mend."""
    if error is None:
        return "the stream ended"
    fault = faults.of_read(error, endpoint.address)
    if not fault.may_repeat:
        raise fault.error from error
    return str(fault.error)
