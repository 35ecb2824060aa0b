"""A server whose streams break where a test says so, which no real one can be made to do."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from google.protobuf.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Abort:
    """The end of a stream with a status."""

    code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE
    text: str = "the server is shutting down"


@dataclass(kw_only=True)
class Script:
    """What streams answer, and what they were asked."""

    streams: deque[list[Message | Abort]] = field(default_factory=deque)
    """Taken one for each stream; it ends where its list does. After the last one a stream stays
    open and says nothing."""
    asked: list[bytes] = field(default_factory=list)


@contextlib.asynccontextmanager
async def answering(script: Script) -> AsyncIterator[str]:
    """Provide the address of a server that follows ``script``."""
    server = grpc.aio.server(handlers=[_Streams(script)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


class _Streams(grpc.GenericRpcHandler):
    """Takes every call for a stream that answers one request."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def service(self, _: Any) -> Any:
        """Return the handler of any method."""
        return grpc.unary_stream_rpc_method_handler(self._answer)

    async def _answer(self, request: bytes, context: Any) -> AsyncIterator[bytes]:
        self._script.asked.append(request)
        if not self._script.streams:
            await asyncio.Event().wait()
        for part in self._script.streams.popleft():
            if isinstance(part, Abort):
                await context.abort(part.code, part.text)
            else:
                yield part.SerializeToString()
