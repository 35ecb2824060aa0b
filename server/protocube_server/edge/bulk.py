"""``protocube.bulk.v1.Bulk``: many writes in one stream."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import grpc

from protocube.bulk.v1 import bulk_pb2
from protocube_server.edge import callers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from protocube_server.calls.call import Call
    from protocube_server.verbs.bulk.stream import Bulk

SERVICE_NAME: str = bulk_pb2.DESCRIPTOR.services_by_name["Bulk"].full_name


def add_to_server(server: grpc.aio.Server, bulk: Bulk) -> None:
    """Serve it, on raw bytes."""

    async def write(
        requests: AsyncIterator[bytes], context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncGenerator[bytes, None]:
        user, behind, agent = callers.user(), callers.behind(), callers.agent(context)

        def sign(call: Call) -> None:
            call.behind = behind
            call.agent, call.peer = lambda: agent, context.peer

        written = bulk.write(requests, user=user, sign=sign)
        async with aclosing(written) as responses:
            async for response in responses:
                yield response

    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.stream_stream_rpc_method_handler(write)
    handlers = grpc.method_handlers_generic_handler(SERVICE_NAME, {"Write": handler})
    server.add_generic_rpc_handlers([handlers])
