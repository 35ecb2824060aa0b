"""The typed services of all kinds, on raw bytes, over the generic verbs."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import grpc

from protocube import errors
from protocube_server.edge.gate import METADATA_ENTRY
from protocube_server.verbs import methods
from protocube_server.verbs.api import Api, Call

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from protocube_server.kinds.kind import Kind

    Context = grpc.aio.ServicerContext[bytes, bytes]

_WARNING, _WARNINGS = 256, 4096
"""The most characters of one warning and bytes of all: Kubernetes' bounds. Clients refuse
a call whose trailers are too large, and by then its write has happened."""
_ENTRY = len("warning") + METADATA_ENTRY
"""What HTTP/2 counts for an entry beside its value."""

_PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


def handlers(api: Api) -> Mapping[str, grpc.RpcMethodHandler[bytes, bytes]]:
    """Give a handler for each method that is declared and that a verb exists for.

    The names are gRPC's full ones: ``/protocube.core.v1.Pods/Create``.
    """
    found: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {}
    for kind in api.kinds:
        for method in kind.resource.methods:
            name = f"/{kind.resource.service}/{method}"
            if method in methods.UNARY:
                unary = _unary(api, kind, methods.UNARY[method])
                found[name] = grpc.unary_unary_rpc_method_handler(unary)
            elif method in methods.STREAMS:
                stream = _stream(api, kind, methods.STREAMS[method])
                found[name] = grpc.unary_stream_rpc_method_handler(stream)
    return found


class TypedServices(grpc.GenericRpcHandler):
    """Finds the handler of a call by its method's name."""

    def __init__(self, api: Api) -> None:
        self._handlers = handlers(api)

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        """Give the handler, ``None`` when no kind has such a method."""
        return self._handlers.get(handler_call_details.method)


def _unary(api: Api, kind: Kind, verb: methods.Unary) -> Callable[[bytes, Context], Any]:
    limit = api.limits.request

    async def handle(request: bytes, context: Context) -> bytes:
        if len(request) > limit:
            raise _too_large(limit)
        call = Call()
        answer = await verb(api, kind, request, call)
        if call.warnings:
            _send_warnings(context, call)
        return answer

    return handle


def _stream(api: Api, kind: Kind, verb: methods.Stream) -> Callable[[bytes, Context], Any]:
    limit = api.limits.request

    async def handle(
        request: bytes,
        context: Context,  # noqa: ARG001  # gRPC's signature
    ) -> AsyncGenerator[bytes, None]:
        if len(request) > limit:
            raise _too_large(limit)
        async with aclosing(verb(api, kind, request, Call())) as responses:
            async for response in responses:
                yield response

    return handle


def _too_large(limit: int) -> errors.TooLarge:
    # Kubernetes' words.
    return errors.TooLarge(f"Request entity too large: limit is {limit}")


def _send_warnings(context: Context, call: Call) -> None:
    # Metadata is ASCII: anything else travels percent-encoded.
    texts = [text[:_WARNING] for text in call.warnings]
    sent: list[tuple[str, str]] = []
    room = _WARNINGS
    for index, text in enumerate(texts):
        value = quote(text, safe=_PRINTABLE)
        room -= len(value) + _ENTRY
        if room < 0:
            sent.append(("warning", f"... and {len(texts) - index} more warnings"))
            break
        sent.append(("warning", value))
    context.set_trailing_metadata(tuple(sent))
