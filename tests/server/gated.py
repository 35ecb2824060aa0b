"""A server with the real gate and a method of the test's own behind it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio

from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.edge.gate import CallLimits, Gate
from protocube_server.edge.health import Health
from protocube_server.kinds.edition import Editions
from protocube_server.kinds.registry import Registry
from protocube_server.serving import Server
from tests.server.caller import Caller

METHOD = "/test.Gated/Call"
STREAM = "/test.Gated/Stream"

Unary = Callable[[bytes], Awaitable[bytes]]
Stream = Callable[[bytes], AsyncGenerator[bytes, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """A running server, what guards it, and a caller."""

    server: Server
    gate: Gate
    caller: Caller


async def _nothing(request: bytes) -> AsyncGenerator[bytes, None]:
    yield request


@contextlib.asynccontextmanager
async def gated(
    unary: Unary, *, stream: Stream = _nothing, limits: CallLimits | None = None
) -> AsyncGenerator[Gated, None]:
    """Serve ``unary`` at ``METHOD`` and ``stream`` at ``STREAM``, behind a gate."""

    async def call(request: bytes, _: Any) -> bytes:
        return await unary(request)

    async def responses(request: bytes, _: Any) -> AsyncGenerator[bytes, None]:
        async for response in stream(request):
            yield response

    gate = Gate(limits or CallLimits())
    server = grpc.aio.server(handlers=[gate])
    handlers: dict[str, Any] = {
        "Call": grpc.unary_unary_rpc_method_handler(call),
        "Stream": grpc.unary_stream_rpc_method_handler(responses),
    }
    gate.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Gated", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    health = Health(Editions(Registry(Catalog.shipped(), "/registry", FUNCTIONS)), [])
    running = Server(server=server, gate=gate, health=health, address=f"127.0.0.1:{port}")
    try:
        async with Caller(running.address, Catalog.shipped()) as caller:
            yield Gated(server=running, gate=gate, caller=caller)
    finally:
        await running.drain(0.5)
