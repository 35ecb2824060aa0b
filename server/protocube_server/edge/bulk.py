"""``protocube.bulk.v1.Bulk``: many writes in one stream."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

import grpc

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube_server.edge import callers
from protocube_server.edge.shares import Shares

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from protocube_server.calls.call import Call
    from protocube_server.verbs.bulk.stream import Bulk

SERVICE_NAME: str = bulk_pb2.DESCRIPTOR.services_by_name["Bulk"].full_name

_MOST: Final = 64
"""Streams open: each has a request in hand, which may be large, while it waits for its turn."""


def add_to_server(server: grpc.aio.Server, bulk: Bulk) -> None:
    """Serve it, on raw bytes."""
    streams = Shares(_MOST)

    async def write(
        requests: AsyncIterator[bytes], context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncGenerator[bytes, None]:
        flow = context.peer()
        if not streams.enter(flow):
            text = f"too many bulk streams: the limit is {_MOST}; try again later"
            raise errors.TooManyRequests(text, retry_after=1)
        try:
            # Clients that wait for it write nothing into a stream that is refused.
            await context.send_initial_metadata(())
            written = bulk.write(requests, user=callers.user(), sign=_signing(context))
            async with aclosing(written) as responses:
                async for response in responses:
                    yield response
        finally:
            streams.leave(flow)

    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.stream_stream_rpc_method_handler(write)
    handlers = grpc.method_handlers_generic_handler(SERVICE_NAME, {"Write": handler})
    server.add_generic_rpc_handlers([handlers])


def _signing(context: grpc.aio.ServicerContext[Any, Any]) -> Callable[[Call], None]:
    """Return what says in each call of a stream from where it comes."""
    behind, agent = callers.behind(), callers.agent(context)

    def sign(call: Call) -> None:
        call.behind = behind
        call.agent, call.peer = lambda: agent, context.peer

    return sign
