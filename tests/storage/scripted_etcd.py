"""A server that speaks etcd's protocol and does as a test tells it, faults included.

It stands in for what a real etcd cannot be made to do at a given moment: to lose just
this answer, or to break a stream between two parts of one response.
"""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc.aio

from protocube_server.storage.etcd.proto import mvcc_pb2, rpc_pb2, rpc_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(kw_only=True)
class Abort:
    """Ends a call with a status."""

    code: grpc.StatusCode
    text: str


@dataclass(kw_only=True)
class Script:
    """What to answer, and what was asked."""

    version: str = "3.4.23"
    answers: deque[Abort] = field(default_factory=deque)
    """Taken one for each unary call; afterwards calls succeed."""
    streams: deque[list[rpc_pb2.WatchResponse | Abort]] = field(default_factory=deque)
    """Taken one for each watch; a stream ends where its list does."""
    found: deque[mvcc_pb2.KeyValue] = field(default_factory=deque)
    """Taken one for each read; afterwards there is nothing."""
    succeeds: bool = True
    """Whether the conditions of transactions hold."""
    calls: list[object] = field(default_factory=list)
    watches: list[rpc_pb2.WatchCreateRequest] = field(default_factory=list)


@contextlib.asynccontextmanager
async def answering(script: Script) -> AsyncIterator[str]:
    """Provide the address of a server that follows ``script``."""
    server = grpc.aio.server()
    service = _Service(script)
    rpc_pb2_grpc.add_KVServicer_to_server(service, server)
    rpc_pb2_grpc.add_WatchServicer_to_server(service, server)
    rpc_pb2_grpc.add_MaintenanceServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


class _Service(
    rpc_pb2_grpc.KVServicer, rpc_pb2_grpc.WatchServicer, rpc_pb2_grpc.MaintenanceServicer
):
    """The methods have the names that they have on the wire."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._sent: dict[tuple[bytes, int], mvcc_pb2.KeyValue] = {}
        """What watches were given: it is there when it is asked for at its revision."""

    @property
    def _header(self) -> rpc_pb2.ResponseHeader:
        return rpc_pb2.ResponseHeader(revision=max([7, *(number for _, number in self._sent)]))

    async def Status(self, request: Any, context: Any) -> rpc_pb2.StatusResponse:  # noqa: ARG002, N802  # gRPC's name
        return rpc_pb2.StatusResponse(version=self._script.version)

    async def Range(self, request: Any, context: Any) -> rpc_pb2.RangeResponse:  # noqa: N802  # gRPC's name
        await self._answer(request, context)
        if request.revision and (sent := self._sent.get((request.key, request.revision))):
            return rpc_pb2.RangeResponse(header=self._header, kvs=[sent])
        kvs = [self._script.found.popleft()] if self._script.found else []
        return rpc_pb2.RangeResponse(header=self._header, kvs=kvs)

    async def Compact(self, request: Any, context: Any) -> rpc_pb2.CompactionResponse:  # noqa: N802  # gRPC's name
        await self._answer(request, context)
        return rpc_pb2.CompactionResponse()

    async def Txn(self, request: Any, context: Any) -> rpc_pb2.TxnResponse:  # noqa: N802  # gRPC's name
        await self._answer(request, context)
        inner = rpc_pb2.ResponseOp(response_txn=rpc_pb2.TxnResponse(succeeded=True))
        return rpc_pb2.TxnResponse(
            header=self._header,
            succeeded=self._script.succeeds,
            responses=[inner],
        )

    async def Put(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC's name
        raise NotImplementedError

    async def DeleteRange(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC's name
        raise NotImplementedError

    async def Watch(  # noqa: N802  # gRPC's name
        self, request_iterator: AsyncIterator[rpc_pb2.WatchRequest], context: Any
    ) -> AsyncIterator[rpc_pb2.WatchResponse]:
        first = await anext(request_iterator)
        self._script.watches.append(first.create_request)
        for response in self._script.streams.popleft():
            if isinstance(response, Abort):
                await context.abort(response.code, response.text)
            else:
                for event in response.events:
                    self._sent[event.kv.key, event.kv.mod_revision] = event.kv
                yield response

    async def _answer(self, request: object, context: Any) -> None:
        self._script.calls.append(request)
        if self._script.answers:
            abort = self._script.answers.popleft()
            await context.abort(abort.code, abort.text)
