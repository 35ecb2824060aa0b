"""``protocube.watch.v1.Watches``: one stream over the objects of several kinds."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

import grpc

from protocube.watch.v1 import watches_pb2
from protocube_server.edge import callers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.verbs.entrance import Entrance

    Context = grpc.aio.ServicerContext[bytes, bytes]

SERVICE_NAME: str = watches_pb2.DESCRIPTOR.services_by_name["Watches"].full_name


def add_to_server(server: grpc.aio.Server, entrance: Entrance) -> None:
    """Serve it, on raw bytes."""

    async def watch(request: bytes, context: Context) -> AsyncGenerator[bytes, None]:
        found = entrance.watch_many(
            request,
            user=callers.user(),
            standing=callers.standing(),
            complete=partial(callers.complete, context),
        )
        async with aclosing(found) as responses:
            async for response in responses:
                yield response

    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_stream_rpc_method_handler(watch)
    handlers = grpc.method_handlers_generic_handler(SERVICE_NAME, {"Watch": handler})
    server.add_generic_rpc_handlers([handlers])
