"""A server without room: the real gate in front of a real server, its places taken by a test."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, NoReturn

import grpc
import grpc.aio

from protocube_server.edge.gate import CallLimits, Gate
from tests.server.caller import OWN

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    Context = grpc.aio.ServicerContext[Any, Any]
    Handler = grpc.RpcMethodHandler[Any, Any]

_HOLD = "/test.Busy/Hold"
_HOLD_STREAM = "/test.Busy/HoldStream"


class BusyServer:
    """What a test sees of it."""

    def __init__(self, refusals: int) -> None:
        self.address = ""
        self.refused: list[str] = []
        """The methods that were refused, in order."""
        self.passed: list[str] = []
        """The methods that got a place, in order."""
        self.refusal = asyncio.Event()
        """Set by the first refusal."""
        self.room = asyncio.Event()
        """Set when the places are given back: by that many refusals, or by the test."""
        self._refusals = refusals

    def count(self, method: str) -> None:
        """Take note of a refusal."""
        self.refused.append(method)
        self.refusal.set()
        if len(self.refused) == self._refusals:
            self.room.set()


@contextlib.asynccontextmanager
async def busy(
    target: str, *, refusals: int = 1, places: int = 1
) -> AsyncGenerator[BusyServer, None]:
    """Serve what the server at ``target`` serves, once ``refusals`` calls have been refused.

    It is ``--max-calls`` and ``--max-streams`` that refuse: so many ``places`` there are of
    each, and all of them are taken until then.
    """
    seen = BusyServer(refusals)
    gate = Gate(CallLimits(calls=places, streams=places))
    server = grpc.aio.server(handlers=[_Counted(gate, seen)])
    port = server.add_insecure_port("127.0.0.1:0")
    seen.address = f"127.0.0.1:{port}"
    async with (
        grpc.aio.insecure_channel(target) as behind,
        contextlib.AsyncExitStack() as stack,
    ):
        arrivals: asyncio.Queue[None] = asyncio.Queue()
        gate.add_generic_rpc_handlers([_Forwarded(behind, seen, arrivals)])
        await server.start()
        held: list[Any] = []
        for _ in range(places):
            # From as many connections, so that no other one is below its share.
            opened = grpc.aio.insecure_channel(seen.address, options=OWN)
            channel: Any = await stack.enter_async_context(opened)
            held.append(channel.unary_unary(_HOLD, None, None)(b""))
            held.append(channel.unary_stream(_HOLD_STREAM, None, None)(b""))
        for _ in held:
            await arrivals.get()
        try:
            yield seen
        finally:
            for call in held:
                call.cancel()
            await server.stop(0.5)


class _Counted(grpc.GenericRpcHandler):
    """The gate, with what it refuses counted."""

    def __init__(self, gate: Gate, seen: BusyServer) -> None:
        self._gate = gate
        self._seen = seen

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        handler: Any = self._gate.service(handler_call_details)
        method = handler_call_details.method

        async def unary(request: bytes, context: Context) -> bytes:
            self._count(method)
            answer: bytes = await handler.unary_unary(request, context)
            return answer

        async def stream(request: bytes, context: Context) -> AsyncIterator[bytes]:
            self._count(method)
            async for response in handler.unary_stream(request, context):
                yield response

        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(stream)
        return grpc.unary_unary_rpc_method_handler(unary)

    def _count(self, method: str) -> None:
        # The gate refuses it before this task gives way, so before a place is given back.
        if method not in (_HOLD, _HOLD_STREAM) and not self._seen.room.is_set():
            self._seen.count(method)


class _Forwarded(grpc.GenericRpcHandler):
    """Passes calls on, as bytes, and answers the calls that hold a place."""

    def __init__(
        self, behind: grpc.aio.Channel, seen: BusyServer, arrivals: asyncio.Queue[None]
    ) -> None:
        self._behind: Any = behind
        self._seen = seen
        self._arrivals = arrivals

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler:
        method = handler_call_details.method
        if method == _HOLD:
            return grpc.unary_unary_rpc_method_handler(self._hold)
        if method == _HOLD_STREAM:
            return grpc.unary_stream_rpc_method_handler(self._hold_stream)
        if method.endswith("/Watch"):
            return self._stream(method)
        return self._unary(method)

    async def _hold(self, request: bytes, _: Context) -> bytes:
        self._arrivals.put_nowait(None)
        await self._seen.room.wait()
        return request

    async def _hold_stream(self, request: bytes, context: Context) -> AsyncIterator[bytes]:
        yield await self._hold(request, context)

    def _unary(self, method: str) -> Handler:
        send = self._behind.unary_unary(method, None, None)

        async def forward(request: bytes, context: Context) -> bytes:
            self._seen.passed.append(method)
            call = send(request)
            try:
                answer: bytes = await call
            except grpc.aio.AioRpcError as error:
                await _end(context, error)
            context.set_trailing_metadata(tuple(await call.trailing_metadata()))
            return answer

        return grpc.unary_unary_rpc_method_handler(forward)

    def _stream(self, method: str) -> Handler:
        send = self._behind.unary_stream(method, None, None)

        async def forward(request: bytes, context: Context) -> AsyncIterator[bytes]:
            self._seen.passed.append(method)
            call = send(request)
            try:
                async for response in call:
                    yield response
            except grpc.aio.AioRpcError as error:
                await _end(context, error)
            finally:
                call.cancel()

        return grpc.unary_stream_rpc_method_handler(forward)


async def _end(context: Context, error: grpc.aio.AioRpcError) -> NoReturn:
    trailers = tuple(error.trailing_metadata() or ())
    await context.abort(error.code(), error.details() or "", trailing_metadata=trailers)
