"""The typed services of all kinds, on raw bytes, over the generic verbs."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import grpc

from protocube import errors
from protocube_server.edge import callers
from protocube_server.edge.statuses import METADATA_ENTRY

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from protocube_server.calls.call import Call
    from protocube_server.kinds.edition import Editions
    from protocube_server.verbs.entrance import Door, Entrance

    Context = grpc.aio.ServicerContext[bytes, bytes]
    Handler = grpc.RpcMethodHandler[bytes, bytes]
    Wrap = Callable[[Handler, str], Handler]

_WARNING, _WARNINGS = 256, 4096
"""The most characters of one warning and bytes of all: Kubernetes' bounds. Clients refuse
a call whose trailers are too large, and by then its write has happened."""
_BESIDE_A_REFUSAL = 1024
"""Bytes of all warnings of a refused call: its violations need the room."""
_ENTRY = len("warning") + METADATA_ENTRY
"""What HTTP/2 counts for an entry beside its value."""

_PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


class TypedServices:
    """Finds the handler of a call by its method's full name: ``/protocube.core.v1.Pods/Create``."""

    def __init__(self, editions: Editions, entrance: Entrance, wrap: Wrap) -> None:
        """``wrap`` puts a handler behind the gate."""
        self._editions = editions
        self._entrance = entrance
        self._wrap = wrap
        self._edition = editions.current
        self._handlers: dict[str, Handler] = {}

    def find(self, name: str) -> Handler | None:
        """Return the handler of the current edition.

        ``None`` when no kind has such a method, and as long as the kind is not compiled: that
        would keep other calls waiting.
        """
        edition = self._editions.current
        if edition is not self._edition:
            # Calls that have begun keep the handlers, and so the edition, that they have.
            self._edition, self._handlers = edition, {}
        known = self._handlers.get(name)
        if known is None:
            service, _, method = name.removeprefix("/").partition("/")
            kind = edition.kinds.for_service(service)
            if kind is not None and kind.defined is not None and not kind.defined.is_compiled:
                return None
            door = self._entrance.door(service, method)
            if door is None:
                return None
            known = self._handlers[name] = self._wrap(_handler(door), name)
        return known


def _handler(door: Door) -> Handler:
    return (
        grpc.unary_stream_rpc_method_handler(_stream(door))
        if door.verb.streams
        else grpc.unary_unary_rpc_method_handler(_unary(door))
    )


def _unary(door: Door) -> Callable[[bytes, Context], Any]:
    make, handler = door.call, door.handler

    async def handle(request: bytes, context: Context) -> bytes:
        call = make(callers.user(), request)
        callers.complete(context, call)
        try:
            answer: bytes = await handler(call)
        except errors.ApiError:
            if call.warnings:
                _send_warnings(context, call, _BESIDE_A_REFUSAL)
            raise
        if call.warnings:
            _send_warnings(context, call, _WARNINGS)
        return answer

    return handle


def _stream(door: Door) -> Callable[[bytes, Context], Any]:
    async def handle(request: bytes, context: Context) -> AsyncGenerator[bytes, None]:
        call = door.call(callers.user(), request)
        call.standing = callers.standing()
        callers.complete(context, call)
        async with aclosing(door.handler(call)) as responses:
            async for response in responses:
                yield response

    return handle


def _send_warnings(context: Context, call: Call, room: int) -> None:
    # Metadata is ASCII: anything else travels percent-encoded.
    texts = [text[:_WARNING] for text in call.warnings]
    sent: list[tuple[str, str]] = []
    for index, text in enumerate(texts):
        value = quote(text, safe=_PRINTABLE)
        room -= len(value) + _ENTRY
        if room < 0:
            sent.append(("warning", f"... and {len(texts) - index} more warnings"))
            break
        sent.append(("warning", value))
    context.set_trailing_metadata(tuple(sent))
