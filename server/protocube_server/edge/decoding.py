"""Decodes the requests of services that take messages, in our words where that fails.

gRPC's own way ends a call for bytes that are no such message without saying why, as ``INTERNAL``
or with a Python class's name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from protocube import errors

if TYPE_CHECKING:
    import grpc

Decode = Callable[[bytes], Any]
Behavior = Callable[[Any, "grpc.aio.ServicerContext[Any, Any]"], Any]


def decoder(decode: Decode | None, method: str) -> Decode | None:
    """Return ``decode``, raising ``errors.BadRequest``; ``None`` for a method on bytes."""
    if decode is None:
        return None

    def decoded(request: bytes) -> Any:
        try:
            return decode(request)
        except (DecodeError, ValueError) as error:
            text = f"the request of {method} cannot be decoded: its bytes are no such message"
            raise errors.BadRequest(text) from error

    return decoded


def of_one(behavior: Behavior, decode: Decode | None) -> Behavior:
    """Return the behavior of a method with one request, on its bytes."""
    if decode is None:
        return behavior
    return lambda request, context: behavior(decode(request), context)


def of_many(behavior: Behavior, decode: Decode | None) -> Behavior:
    """Return the behavior of a method with a stream of requests, on their bytes."""
    if decode is None:
        return behavior

    async def decoded(requests: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        async for request in requests:
            yield decode(request)

    return lambda requests, context: behavior(decoded(requests), context)
