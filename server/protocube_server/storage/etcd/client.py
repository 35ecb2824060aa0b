"""Calls to etcd, each with a deadline, tried again where that is safe."""

from __future__ import annotations

import asyncio
import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from grpc.aio import AioRpcError, UnaryUnaryMultiCallable

from protocube_server.storage import base
from protocube_server.storage.etcd import faults
from protocube_server.storage.etcd.endpoint import Endpoint
from protocube_server.storage.etcd.incarnation import Incarnation
from protocube_server.storage.etcd.proto import rpc_pb2

if TYPE_CHECKING:
    from protocube import errors
    from protocube_server.storage.etcd.connection import Connection
    from protocube_server.storage.etcd.tokens import Metadata

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")
_Judge = Callable[[AioRpcError, str], faults.Fault]
_RENEWALS = 2  # Of the token in one call: another may have dropped the first renewed one.
_STATUS_SECONDS = 3.0
_SILENCE_SECONDS = 2.0
"""After so long without an answer one member is left for another; a second time, twice as long."""
_Method = Callable[[Endpoint], UnaryUnaryMultiCallable[_Request, _Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    judge: _Judge
    share: float
    """The part of the time for the whole call that one try may take."""
    moves: bool
    """It may be sent to another member while the first one has not answered."""
    cut_off: Callable[[], errors.ApiError]
    """The error when the store is closed during the call."""


# A member that hangs must leave time to read from another one.
_READ = _Rules(judge=faults.of_read, share=0.5, moves=True, cut_off=base.closed)
# A write that ran out of time may have happened, so there is no second try to leave time for.
_WRITE = _Rules(judge=faults.of_write, share=1.0, moves=False, cut_off=faults.cut_off_write)


class Client:
    """The unary calls of a store. ``timeout`` is the longest that one takes, in seconds."""

    def __init__(self, connection: Connection, *, timeout: float) -> None:
        self.incarnation = Incarnation()
        """Of the cluster that has answered last."""
        self._connection = connection
        self._timeout = timeout

    async def range(self, request: rpc_pb2.RangeRequest) -> rpc_pb2.RangeResponse:
        """Read the newest state that the cluster agreed on, or the request's revision."""
        asked_at = self.incarnation.newest
        response = await self._call(lambda endpoint: endpoint.kv.Range, request, _READ)
        self.incarnation.answered(response.header, asked_at=asked_at)
        return response

    async def txn(self, request: rpc_pb2.TxnRequest) -> rpc_pb2.TxnResponse:
        """Write. Raises ``errors.OutcomeUnknown`` when the answer was lost."""
        return await self._txn(request, _WRITE)

    async def gets(self, request: rpc_pb2.TxnRequest) -> rpc_pb2.TxnResponse:
        """Read in a transaction that writes nothing: tried again like a read."""
        return await self._txn(request, _READ)

    async def compact(self, request: rpc_pb2.CompactionRequest) -> rpc_pb2.CompactionResponse:
        """Forget history. Doing it twice is harmless, so it is tried again like a read."""
        return await self._call(lambda endpoint: endpoint.kv.Compact, request, _READ)

    async def grant(self, request: rpc_pb2.LeaseGrantRequest) -> rpc_pb2.LeaseGrantResponse:
        """Make a lease. Its id must be in the request, so that trying again makes no second."""
        return await self._call(lambda endpoint: endpoint.lease.LeaseGrant, request, _READ)

    async def revoke(self, request: rpc_pb2.LeaseRevokeRequest) -> rpc_pb2.LeaseRevokeResponse:
        """End a lease and delete its keys. Doing it twice is harmless."""
        return await self._call(lambda endpoint: endpoint.lease.LeaseRevoke, request, _READ)

    async def time_to_live(
        self, request: rpc_pb2.LeaseTimeToLiveRequest
    ) -> rpc_pb2.LeaseTimeToLiveResponse:
        """Ask how long a lease still lives, and for its keys."""
        return await self._call(lambda endpoint: endpoint.lease.LeaseTimeToLive, request, _READ)

    async def status(self, endpoint: Endpoint) -> rpc_pb2.StatusResponse:
        """Ask one member, once. Raises ``errors.Unavailable``."""
        try:
            metadata = await self._connection.tokens.metadata(endpoint)
            return await endpoint.maintenance.Status(
                rpc_pb2.StatusRequest(),
                timeout=min(self._timeout, _STATUS_SECONDS),
                metadata=metadata,
            )
        except AioRpcError as error:
            raise faults.of_read(error, endpoint.address).error from error

    async def _txn(self, request: rpc_pb2.TxnRequest, rules: _Rules) -> rpc_pb2.TxnResponse:
        asked_at = self.incarnation.newest
        response = await self._call(lambda endpoint: endpoint.kv.Txn, request, rules)
        self.incarnation.answered(response.header, asked_at=asked_at)
        return response

    async def _call(
        self, method: _Method[_Request, _Response], request: _Request, rules: _Rules
    ) -> _Response:
        now = asyncio.get_running_loop().time
        end = now() + self._timeout
        waits = pauses()
        tokens = self._connection.tokens
        renewals = _RENEWALS
        silences = 0
        while not self._connection.closing.done():
            endpoint = self._connection.current
            longest = min(self._patience(rules, silences), end - now())
            leaving = self._leave_in_silence(endpoint)
            judge: _Judge = faults.of_read  # What fails before the request is sent changes nothing.
            metadata: Metadata = ()
            try:
                metadata = await tokens.metadata(endpoint)
                judge = rules.judge
                return await method(endpoint)(request, timeout=longest, metadata=metadata)
            except AioRpcError as error:
                if renewals and faults.is_stale_token(error) and tokens.drop(metadata):
                    renewals -= 1
                    continue
                fault = judge(error, endpoint.address)
                silences += fault.is_silent
                if fault.leave:
                    self._connection.leave(endpoint, is_silent=fault.is_silent)
                pause = next(waits)
                if not fault.may_repeat or now() + pause >= end:
                    raise fault.error from error
            except asyncio.CancelledError:
                # Closing a channel cancels its calls; that is not to cancel our caller.
                task = asyncio.current_task()
                if self._connection.closing.done() and not (task and task.cancelling()):
                    raise rules.cut_off() from None
                raise
            finally:
                leaving.cancel()
            await asyncio.sleep(pause)
        raise base.closed()

    def _patience(self, rules: _Rules, silences: int) -> float:
        """Return the longest that the next try may take, after so many without an answer."""
        longest = self._timeout * rules.share
        if rules.moves and len(self._connection.endpoints) > 1:
            return min(longest, _SILENCE_SECONDS * (1 << silences))
        return longest

    def _leave_in_silence(self, endpoint: Endpoint) -> asyncio.TimerHandle:
        """Leave ``endpoint`` later. Also while a write waits for it others go elsewhere."""
        leave = functools.partial(self._connection.leave, endpoint, is_silent=True)
        return asyncio.get_running_loop().call_later(_SILENCE_SECONDS, leave)


def pauses() -> Iterator[float]:
    """Return the seconds to wait before each further try: more and more, then the same."""
    return itertools.chain((0.02, 0.05, 0.1, 0.2), itertools.repeat(0.5))
