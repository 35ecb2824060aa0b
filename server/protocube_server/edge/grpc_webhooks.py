"""Calls webhooks over gRPC: programs that implement ``protocube.admission.v1.Webhook``."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import grpc
import grpc.aio

from protocube_server.admission.webhooks.hook import NO_ADDRESS, Unreached

if TYPE_CHECKING:
    from protocube_server.admission.webhooks.hook import Hook

_METHOD: Final = "/protocube.admission.v1.Webhook/Review"
_LOOPBACK: Final = ("localhost", "::1")
_MOST_CHANNELS: Final = 64
_RECONNECTS: Final = (
    # gRPC's own pauses grow to two minutes, for which a webhook that is back would be missed.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)
_MOST_TEXT: Final = 200


class GrpcWebhooks:
    """See :class:`~protocube_server.admission.webhooks.hook.Send`. Close it."""

    def __init__(self) -> None:
        self._channels: dict[tuple[str, bytes], grpc.aio.Channel] = {}

    async def __call__(self, hook: Hook, body: bytes, *, seconds: float) -> bytes:
        """Return the answer to a call. Raises :class:`Unreached`."""
        send: Any = (await self._channel(hook)).unary_unary(_METHOD)
        try:
            answer: bytes = await send(body, timeout=seconds)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                raise TimeoutError from None
            said = (error.details() or "")[:_MOST_TEXT]
            text = f"failed to call webhook: {error.code().name}"
            raise Unreached(text, f": {said}") from None
        return answer

    async def close(self) -> None:
        """Close all connections."""
        channels, self._channels = self._channels, {}
        for channel in channels.values():
            await channel.close()

    async def _channel(self, hook: Hook) -> grpc.aio.Channel:
        key = (hook.url, hook.authority)
        known = self._channels.pop(key, None)
        if known is None:
            if len(self._channels) >= _MOST_CHANNELS:
                oldest = next(iter(self._channels))
                await self._channels.pop(oldest).close()
            known = _opened(hook)
        # The last one is the one that was used last.
        self._channels[key] = known
        return known


def _opened(hook: Hook) -> grpc.aio.Channel:
    try:
        parts = urlsplit(hook.url)
    except ValueError:
        raise Unreached(NO_ADDRESS) from None
    if parts.scheme == "grpcs":
        credentials = grpc.ssl_channel_credentials(hook.authority or _of_machine())
        return grpc.aio.secure_channel(parts.netloc, credentials, options=_RECONNECTS)
    host = parts.hostname or ""
    if host not in _LOOPBACK and not host.startswith("127."):
        raise Unreached("failed to call webhook: without TLS it must be on this machine")
    # What is on this machine is not asked by way of another one.
    options = (("grpc.enable_http_proxy", 0), *_RECONNECTS)
    return grpc.aio.insecure_channel(parts.netloc, options=options)


def _of_machine() -> bytes | None:
    """Return the authorities of the machine; gRPC would take those that it brings along."""
    file = ssl.get_default_verify_paths().cafile
    return Path(file).read_bytes() if file else None
