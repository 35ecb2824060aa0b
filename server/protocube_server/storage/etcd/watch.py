"""A watch of one prefix that survives lost connections.

A watch ends in four ways: etcd cancels it because its revision was compacted
(``Expired``), etcd cancels it for another reason (raised), the stream fails, or the
stream ends. The last two only lose the connection, and the watch goes on behind the
last revision that it gave.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grpc.aio import AioRpcError

from protocube_server.storage import base
from protocube_server.storage.etcd import faults
from protocube_server.storage.etcd.assembly import Assembly
from protocube_server.storage.etcd.client import pauses
from protocube_server.storage.etcd.stream import Stream, request

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.storage.etcd.connection import Connection

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Follows prefixes over one connection, each on a stream of its own.

    ``progress_interval`` is the time between two requests for a progress mark, in
    seconds; ``None`` where the server's marks cannot be trusted.
    """

    connection: Connection
    progress_interval: float | None

    async def follow(
        self, prefix: bytes, *, after: int, progress: bool
    ) -> AsyncGenerator[base.Revision, None]:
        """Give the revisions behind ``after``, as :meth:`base.Store.watch` says."""
        marks = self.progress_interval is not None
        closing = self.connection.closing
        assembly = Assembly(position=after, marks=marks)
        waits = pauses()
        while not closing.done():
            endpoint = self.connection.current
            assembly.restart()
            try:
                async with Stream(
                    endpoint,
                    request(prefix, after=assembly.position, marks=marks),
                    closing=closing,
                    ask_every=self.progress_interval if progress else None,
                ) as stream:
                    while (response := await stream.read()) is not None:
                        if response.canceled:
                            raise faults.of_cancelled_watch(
                                response.cancel_reason, response.compact_revision, endpoint.address
                            )
                        waits = pauses()
                        for revision in assembly.take(response):
                            if revision.events or progress:
                                yield revision
                lost = "the stream ended"
            except AioRpcError as error:
                fault = faults.of_read(error, endpoint.address)
                if not fault.may_repeat:
                    raise fault.error from error
                lost = str(fault.error)
            if not closing.done():
                _log.warning("a watch goes on behind revision %d: %s", assembly.position, lost)
                self.connection.leave(endpoint)
                await asyncio.wait({closing}, timeout=next(waits))
        raise base.closed()
