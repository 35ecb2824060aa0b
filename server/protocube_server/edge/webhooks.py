"""Calls webhooks, by HTTPS or by gRPC as their URLs say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.edge.grpc_webhooks import GrpcWebhooks
from protocube_server.edge.https_webhooks import HttpsWebhooks

if TYPE_CHECKING:
    from protocube_server.admission.webhooks.hook import Hook


class Webhooks:
    """See :class:`~protocube_server.admission.webhooks.hook.Send`. Close it."""

    def __init__(self) -> None:
        self._by_https = HttpsWebhooks()
        self._by_grpc = GrpcWebhooks()

    async def __call__(self, hook: Hook, body: bytes, *, seconds: float) -> bytes:
        """Return the body of the answer. Raises ``hook.Unreached`` and ``TimeoutError``."""
        send = self._by_grpc if hook.url.startswith("grpc") else self._by_https
        return await send(hook, body, seconds=seconds)

    async def close(self) -> None:
        """Close all connections."""
        self._by_https.close()
        await self._by_grpc.close()
