"""``python -m tests.bench.echo_server``: the server's limit, a server that does nothing.

It is what ``cube-apiserver`` is made of (grpc.aio on uvloop, a generic handler of bytes)
with nothing behind it. ``Echo`` gives a request back, ``Send`` gives as many bytes as its
four-byte request asks for.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import grpc
import uvloop

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[bytes, bytes]

_SERVICE = "/bench.Echo/"
_MOST = 1 << 22
_ZEROS = bytes(_MOST)


async def _echo(request: bytes, _context: Context) -> bytes:
    return request


async def _send(request: bytes, _context: Context) -> bytes:
    return _ZEROS[: int.from_bytes(request)]


class Echo(grpc.GenericRpcHandler):
    """Finds a handler by its name, as the server does."""

    def __init__(self) -> None:
        self._handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
            f"{_SERVICE}Echo": grpc.unary_unary_rpc_method_handler(_echo),
            f"{_SERVICE}Send": grpc.unary_unary_rpc_method_handler(_send),
        }

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        """Return the handler of a method."""
        return self._handlers.get(handler_call_details.method)


async def _serve(started: float) -> None:
    server = grpc.aio.server(options=[("grpc.max_send_message_length", _MOST + 1024)])
    server.add_generic_rpc_handlers([Echo()])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    # The line that the tests wait for, as the server itself writes it.
    seconds = time.monotonic() - started
    sys.stderr.write(f"echo ready on 127.0.0.1:{port} (pid {os.getpid()}, {seconds:.2f} s)\n")
    sys.stderr.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(_serve(time.monotonic()))
