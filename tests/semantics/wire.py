"""Calls of a server over its socket: answers and errors as they are, warnings beside both."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote

import grpc
import grpc.aio

from tests.server.caller import rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from google.protobuf.message import Message

    from protocube import errors
    from tests.semantics.requests import TypedRequest

_TRAILERS = 256 * 1024
"""Bytes of an error's details: the server cuts them down for clients that ask for nothing."""
_METADATA = (("protocube-max-trailers", str(_TRAILERS)),)
_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a call gave: an error, a message, or for a watch the responses."""

    error: errors.ApiError | None = None
    message: Message | None = None
    responses: tuple[Any, ...] = ()
    """Of a watch; its ``error`` came behind them."""
    warnings: tuple[str, ...] = ()
    by_client: bool = False
    """The client refused the step by itself; nothing was sent."""


class Wire:
    """A channel to one server."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.aio.insecure_channel(
            address,
            options=[
                ("grpc.max_metadata_size", _TRAILERS + 16 * 1024),
                ("grpc.absolute_max_metadata_size", _TRAILERS * 2),
                ("grpc.max_send_message_length", -1),
            ],
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close(None)

    async def call(self, request: TypedRequest) -> Answer:
        """Send a unary request and return what it gave."""
        send: Any = self._channel.unary_unary(request.method, None, None)
        limit = request.timeout or _SECONDS
        call = send(request.message.SerializeToString(), metadata=_METADATA, timeout=limit)
        try:
            body: bytes = await call
            trailers = await call.trailing_metadata()
        except grpc.aio.AioRpcError as error:
            warnings = (*request.warnings, *_warnings(error.trailing_metadata()))
            return Answer(error=rebuilt(error), warnings=warnings)
        warnings = (*request.warnings, *_warnings(trailers))
        return Answer(message=request.answer.FromString(body), warnings=warnings)

    async def watch(
        self,
        request: TypedRequest,
        *,
        seconds: float,
        patience: float,
        enough: Callable[[Any], bool],
    ) -> Answer:
        """Read a stream for some ``seconds``, and return its responses.

        Should they not be ``enough`` by then, they are waited for, ``patience`` longer at most.
        """
        open_stream: Any = self._channel.unary_stream(request.method, None, None)
        call = open_stream(request.message.SerializeToString(), metadata=_METADATA)
        responses: list[Any] = []
        failed: list[errors.ApiError] = []

        async def read() -> None:
            try:
                while (response := await call.read()) is not grpc.aio.EOF:
                    responses.append(request.answer.FromString(response))
            except grpc.aio.AioRpcError as error:
                failed.append(rebuilt(error))

        reader = asyncio.create_task(read())
        await asyncio.wait({reader}, timeout=seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not reader.done() and not enough(responses):
                    await asyncio.wait({reader}, timeout=0.05)
        reader.cancel()
        call.cancel()
        await asyncio.wait({reader})
        return Answer(error=failed[0] if failed else None, responses=tuple(responses))


def _warnings(trailers: Iterable[Any] | None) -> tuple[str, ...]:
    return tuple(unquote(str(value)) for key, value in trailers or () if key == "warning")
