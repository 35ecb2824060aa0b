"""Leases: keys that vanish when their owner does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from typing import TYPE_CHECKING

from grpc.aio import AioRpcError

from protocube import errors
from protocube_server.storage.etcd import faults
from protocube_server.storage.etcd.proto import rpc_pb2
from protocube_server.tasks import beside

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.storage.etcd.client import Client
    from protocube_server.storage.etcd.connection import Connection

_BEATS = 3  # In one lifetime: two may be lost.

_log = logging.getLogger(__name__)


class Leases:
    """The leases of one client. Ids are chosen here, so that a grant can be repeated."""

    def __init__(self, connection: Connection, client: Client) -> None:
        self._connection = connection
        self._client = client

    async def grant(self, seconds: int) -> int:
        """Make a lease that lives so long without a beat, and give its id."""
        lease = secrets.randbits(62) + 1
        try:
            await self._client.grant(rpc_pb2.LeaseGrantRequest(TTL=seconds, ID=lease))
        except errors.Unavailable as error:
            if not faults.is_existing_lease(error):
                raise
            # The answer to an earlier try was lost; the lease was made.
        return lease

    async def beat(self, lease: int) -> int:
        """Begin the lifetime of a lease anew and give its seconds; 0: it has expired.

        Raises ``errors.Unavailable``.
        """
        endpoint = self._connection.current
        try:
            metadata = await self._connection.tokens.metadata(endpoint)
            call = endpoint.lease.LeaseKeepAlive(
                iter([rpc_pb2.LeaseKeepAliveRequest(ID=lease)]), metadata=metadata, timeout=5.0
            )
            answer = await call.read()
        except AioRpcError as error:
            self._connection.leave(endpoint)
            raise faults.of_read(error, endpoint.address).error from error
        return answer.TTL if isinstance(answer, rpc_pb2.LeaseKeepAliveResponse) else 0

    async def left(self, lease: int) -> int:
        """Return the seconds that a lease still lives; below 0: there is none."""
        return (await self._client.time_to_live(rpc_pb2.LeaseTimeToLiveRequest(ID=lease))).TTL

    async def revoke(self, lease: int) -> None:
        """End a lease and delete its keys; harmless when it has ended."""
        try:
            await self._client.revoke(rpc_pb2.LeaseRevokeRequest(ID=lease))
        except errors.Unavailable as error:
            if not faults.is_missing_lease(error):
                raise

    @contextlib.asynccontextmanager
    async def held(self, seconds: int) -> AsyncGenerator[int, None]:
        """Provide a lease that lives while the context is open, and is revoked afterwards."""
        lease = await self.grant(seconds)
        try:
            async with beside(self._beat_forever(lease, seconds / _BEATS)):
                yield lease
        finally:
            await self.revoke(lease)

    async def _beat_forever(self, lease: int, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            try:
                if not await self.beat(lease):
                    _log.warning("the lease %x has expired", lease)
                    return
            except errors.Unavailable as error:
                _log.warning("the lease %x: %s", lease, error)
