"""A server that does not have all services: a real one, behind what passes unary calls on alone."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from protocube_server.calls.limits import Limits
from protocube_server.edge import listening
from protocube_server.edge.gate import CallLimits, Gate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    Context = grpc.aio.ServicerContext[Any, Any]

_STREAMED = ("/Watch", ".Bulk/Write")


@contextlib.asynccontextmanager
async def without_streams(target: str) -> AsyncGenerator[str, None]:
    """Serve what the server at ``target`` serves, streams of writes and watches excepted."""
    async with grpc.aio.insecure_channel(target) as behind:
        gate = Gate(CallLimits())
        gate.add_generic_rpc_handlers([_Forwarded(behind)])
        server = listening.server(gate, Limits(), CallLimits())
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            await server.stop(0.5)


class _Forwarded(grpc.GenericRpcHandler):
    def __init__(self, behind: grpc.aio.Channel) -> None:
        self._behind: Any = behind

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        method = str(handler_call_details.method)
        if method.endswith(_STREAMED):
            return None
        send = self._behind.unary_unary(method, None, None)

        async def forward(request: bytes, context: Context) -> bytes:
            call = send(request)
            try:
                answer: bytes = await call
            except grpc.aio.AioRpcError as error:
                trailers = tuple(error.trailing_metadata() or ())
                await context.abort(error.code(), error.details() or "", trailers)
            context.set_trailing_metadata(tuple(await call.trailing_metadata()))
            return answer

        return grpc.unary_unary_rpc_method_handler(forward)
