"""One unary call: the method's path, the request's bytes, the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.connection import Answer
    from protocube_client.resource.trace import Trace


class Caller(Protocol):
    """The way to a server. ``protocube_client.connection.Connection`` is one."""

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
        """Send it through ``client``. Raises the exceptions of :mod:`protocube.errors`."""
        body = self.message.SerializeToString()
        if trace is None:
            return await client.call(self.method, body, timeout=self.timeout)
        with trace.request(self.method, body) as answered:
            answer = await client.call(self.method, body, timeout=self.timeout)
            answered(answer.body)
        return answer
