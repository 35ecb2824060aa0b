"""The way to a server, or to several that share a store.

Requests and answers are bytes here; what is in them is for the layers above. Its
errors are those of :mod:`protocube.errors`: no exception of grpc leaves this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote

import protocube
from protocube import errors
from protocube_client.connection import address, turn, unreachable
from protocube_client.connection.address import DEFAULT_SERVER
from protocube_client.connection.endpoint import TRAILERS, Endpoint, values

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
    from types import TracebackType

    import grpc.aio

    from protocube.pem import Pair
    from protocube_client.connection.acting import ActingAs
    from protocube_client.connection.exec_plugin import ExecPlugin, Given, Plugin
    from protocube_client.connection.token import Token
    from protocube_client.connection.transport import Transport

_WARNING = "warning"
_METADATA = (("protocube-max-trailers", str(TRAILERS)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a unary call gave."""

    body: bytes
    warnings: tuple[str, ...] = ()


class Connection:
    """A connection to one server or several, made at the first call and again when it is lost.

    Several servers are those of one store. Each call goes to another of them in turn, and to the
    next one where it cannot have arrived.

    It is an async context manager; leaving it cancels the calls that still run.
    Calls may overlap.
    """

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        transport: Transport | None = None,
        timeout: float | None = None,
        patience: float = 0.0,
        token: Token | None = None,
        plugin: ExecPlugin | None = None,
        acting_as: ActingAs | None = None,
        agent: str = "",
    ) -> None:
        """Prepare a connection to ``server``.

        That is ``HOST:PORT``, several of them with commas between, or ``dns:///NAME:PORT`` for
        all addresses of a name.
        ``transport`` is how it is secured: in plaintext on loopback and with TLS
        elsewhere, unless one is given. ``timeout`` is how many seconds a unary
        call may take unless the call says otherwise, ``patience`` how many seconds calls that
        can be repeated are sent again to a server that has answered before and is away,
        ``token`` what each call proves
        its user by, ``plugin`` what gives a token or a certificate where neither is there,
        ``acting_as`` whom the user wants to be instead, ``agent`` which program
        is calling.
        Raises ``ValueError`` when ``server`` is not an address, or a file of the
        transport cannot be used.
        """
        self.server: str = server
        """Where it leads, as it was given."""
        agent = agent or f"protocube-client/{protocube.__version__}"
        addresses = address.parse(server)
        self._turn = turn.Turn(
            [
                Endpoint(each, transport, agent=agent, is_only=len(addresses) == 1)
                for each in addresses
            ],
            server,
        )
        self.timeout: float | None = timeout
        """Seconds that a unary call may take unless it says otherwise, ``None`` for any time."""
        self._patience = patience
        self._token = token
        material = self._turn.first.material
        pair = material.pair if material is not None else None
        # As in client-go: what is there needs no plugin.
        needed = plugin is not None and not (token is not None and token()) and pair is None
        self._plugin = self._prepared(plugin) if plugin is not None and needed else None
        self._given: Given | None = None
        """What the plugin gave for the channels."""
        self._fixed = _METADATA + (acting_as.metadata() if acting_as is not None else ())

    @property
    def patience(self) -> float:
        """Seconds that calls which can be repeated are sent again to a server that is away.

        None before a server has answered: it may never be there.
        """
        return self._patience if self._turn.has_answered else 0.0

    async def __aenter__(self) -> Self:
        """Return the connection."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        await self.close()

    async def close(self) -> None:
        """Cancel what runs and let go of the socket. A later call connects anew."""
        for endpoint in self._turn.endpoints:
            await endpoint.close()

    async def call(
        self,
        method: str,
        request: bytes,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # gRPC keeps the deadline itself
    ) -> Answer:
        """Send ``request`` to ``method`` (``/protocube.core.v1.Pods/Get``) and give the answer.

        ``timeout`` is in seconds. Raises the server's error;
        :class:`unreachable.CannotConnect` when the request cannot have arrived,
        ``errors.OutcomeUnknown`` when it may have, ``errors.Timeout`` when the
        answer did not come in time.
        """
        limit = self.timeout if timeout is None else timeout
        if self._plugin is None:
            return await self._send(method, request, limit)
        used = await self._use(self._plugin)
        try:
            return await self._send(method, request, limit)
        except errors.Unauthenticated:
            # Nothing was done, and the server may know better than the plugin what has expired.
            if not await self._another(self._plugin, used):
                raise
            await self._use(self._plugin)
            return await self._send(method, request, limit)

    async def _send(self, method: str, request: bytes, limit: float | None) -> Answer:
        import grpc.aio

        attempts = self._turn.attempts(limit)
        for endpoint, left in attempts:
            try:
                send = await endpoint.unary(method, self._pair)
                call = send(request, timeout=left, metadata=self._metadata())
                body: bytes = await call
                trailers = await call.trailing_metadata()
            except grpc.aio.AioRpcError as error:
                attempts.failed(await endpoint.rebuild(error, method))
                continue
            except unreachable.CannotConnect as error:
                attempts.failed(error)
                continue
            attempts.succeeded()
            return Answer(body=body, warnings=_warnings(trailers))
        raise attempts.error

    def stream(self, method: str, request: bytes) -> AsyncGenerator[bytes, None]:
        """Send ``request`` to ``method`` and give its responses until the server ends them.

        Raises what :meth:`call` raises. Close the iterator to end the call.
        """

        def begin(channel: grpc.aio.Channel) -> Any:
            stream: Any = channel.unary_stream(method, None, None)
            return stream(request, metadata=self._metadata())

        return self._responses(method, begin)

    def converse(self, method: str, requests: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """Send ``requests`` to ``method`` as they come, and give its responses, as :meth:`stream`.

        A request is asked for when the server has let the call in, and has room for it.
        """

        def begin(channel: grpc.aio.Channel) -> Any:
            async def let_in() -> AsyncIterator[bytes]:
                # A write that meets the end of a refused call would take the refusal's place.
                await call.initial_metadata()
                if call.done():
                    return
                async for request in requests:
                    yield request

            stream: Any = channel.stream_stream(method, None, None)
            call = stream(let_in(), metadata=self._metadata())
            return call

        return self._responses(method, begin)

    async def _responses(
        self, method: str, begin: Callable[[grpc.aio.Channel], Any]
    ) -> AsyncGenerator[bytes, None]:
        """Yield the responses of the call that ``begin`` begins on a channel."""
        import grpc.aio

        if self._plugin is not None:
            await self._use(self._plugin)
        attempts = self._turn.attempts(None)
        for endpoint, _ in attempts:
            try:
                call = begin(await endpoint.channel(self._pair))
            except unreachable.CannotConnect as error:
                attempts.failed(error)
                continue
            try:
                async for response in call:
                    attempts.succeeded()
                    yield response
            except grpc.aio.AioRpcError as error:
                attempts.failed(await endpoint.rebuild(error, method))
                continue
            finally:
                call.cancel()
            return
        raise attempts.error

    def _prepared(self, plugin: ExecPlugin) -> Plugin:
        """Return a plugin that is told of the server. Raises ``ValueError``."""
        from protocube_client.connection import exec_cluster
        from protocube_client.connection.exec_plugin import Plugin

        first = self._turn.first
        authorities = first.material.authorities if first.material is not None else None
        return Plugin(plugin, exec_cluster.told(self.server, first.transport, authorities))

    async def _use(self, plugin: Plugin) -> Given:
        """Let the next calls show what a plugin gives; another certificate needs a new channel."""
        from protocube_client.connection.exec_plugin import CannotGetError

        try:
            given = await plugin.given()
        except CannotGetError as error:
            raise unreachable.cannot_connect(f"getting credentials: {error}") from None
        before, self._given = self._given, given
        if before is not None and before.pair != given.pair:
            for endpoint in self._turn.endpoints:
                await endpoint.renew()
        return given

    async def _another(self, plugin: Plugin, refused: Given) -> bool:
        """Tell whether a plugin has other credentials than those that were refused."""
        from protocube_client.connection.exec_plugin import CannotGetError

        try:
            return await plugin.another(refused)
        except CannotGetError:
            return False

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        token = self._token() if self._token is not None else ""
        if not token and self._given is not None:
            token = self._given.token
        # Not call credentials: gRPC refuses those on plaintext, which loopback speaks.
        return (*self._fixed, ("authorization", f"Bearer {token}")) if token else self._fixed

    @property
    def _pair(self) -> Pair | None:
        return self._given.pair if self._given is not None else None


def _warnings(trailers: Iterable[Any] | None) -> tuple[str, ...]:
    return tuple(unquote(str(value)) for value in values(trailers, _WARNING))
