"""One unary call: the method's path, the request's bytes, the answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from protocube import errors

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.connection.connection import Answer
    from protocube_client.resource.trace import Trace

_ATTEMPTS = 10


class Caller(Protocol):
    """The way to a server. ``protocube_client.connection.connection.Connection`` is one."""

    async def call(
        self,
        method: str,
        request: bytes,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # gRPC enforces it
    ) -> Answer:
        """Send ``request`` to ``method`` and give the answer.

        ``method`` is ``/protocube.core.v1.Pods/Create``, ``timeout`` is in seconds.
        Raises the exceptions of :mod:`protocube.errors`.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call that is ready to be sent."""

    mapping: Resource
    verb: str
    """The method's name: ``Create``."""
    message: Message
    timeout: float | None = None
    """Seconds; the connection's own when ``None``."""

    @property
    def method(self) -> str:
        """The path of the method: ``/protocube.core.v1.Pods/Create``."""
        return f"/{self.mapping.service}/{self.verb}"

    async def send(self, client: Caller, *, trace: Trace | None = None) -> Answer:
        """Send it through ``client``. Raises the exceptions of :mod:`protocube.errors`.

        A server that asks for patience gets it, as from client-go: nothing has happened
        then, and it says how long to wait. Its tenth refusal is raised.
        """
        body = self.message.SerializeToString()
        if trace is None:
            return await self._call(client, body)
        with trace.request(self.method, body) as answered:
            answer = await self._call(client, body)
            answered(answer.body)
        return answer

    async def _call(self, client: Caller, body: bytes) -> Answer:
        for _ in range(_ATTEMPTS - 1):
            try:
                return await client.call(self.method, body, timeout=self.timeout)
            except errors.TooManyRequests as error:
                if error.retry_after is None:
                    raise
                await asyncio.sleep(error.retry_after)
        return await client.call(self.method, body, timeout=self.timeout)
