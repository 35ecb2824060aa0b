"""The way to a server. This is the one module of the client that knows gRPC.

Requests and answers are bytes here; what is in them is for the layers above. Its
errors are those of :mod:`protocube.errors`: no exception of grpc leaves this module.
"""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote

import protocube
from protocube import errors
from protocube_client.connection import address, unreachable
from protocube_client.connection import transport as transports
from protocube_client.connection.address import DEFAULT_SERVER

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
    from types import TracebackType

    import grpc
    import grpc.aio

    from protocube_client.connection import handshake
    from protocube_client.connection.acting import ActingAs
    from protocube_client.connection.exec_plugin import ExecPlugin, Given, Plugin
    from protocube_client.connection.material import Material
    from protocube_client.connection.token import Token
    from protocube_client.connection.transport import Transport

_DETAILS = "grpc-status-details-bin"
_WARNING = "warning"
_KEEPALIVE_SECONDS = 60
_KEEPALIVE_TIMEOUT_SECONDS = 20
_LONGEST_RECONNECT_PAUSE_SECONDS = 5
_TRAILERS = 256 * 1024
"""Bytes of trailers that we take: an error with many violations is larger than stock
clients accept, and the server cuts it down for those."""
_METADATA = (("protocube-max-trailers", str(_TRAILERS)),)
_UNRESOLVED = ("DNS resolution failed", "errors resolving")
"""How gRPC 1.75, and how 1.82, says that it finds no address for a name."""
_LARGER = re.compile(r"(?:SERVER: )?Received message larger than max \((\d+) vs\.")
"""How a server's gRPC refuses what is so large that the server itself never sees it."""
_CANCELLED = 1
"""gRPC's status code of a call that one of its ends gave up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a unary call gave."""

    body: bytes
    warnings: tuple[str, ...] = ()


class Connection:
    """A connection to one server, made at the first call and again when it is lost.

    It is an async context manager; leaving it cancels the calls that still run.
    Calls may overlap.
    """

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        transport: Transport | None = None,
        timeout: float | None = None,
        token: Token | None = None,
        plugin: ExecPlugin | None = None,
        acting_as: ActingAs | None = None,
        agent: str = "",
    ) -> None:
        """Prepare a connection to ``server`` (``HOST:PORT``).

        ``transport`` is how it is secured: in plaintext on loopback and with TLS
        elsewhere, unless one is given. ``timeout`` is how many seconds a unary
        call may take unless the call says otherwise, ``token`` what each call proves
        its user by, ``plugin`` what gives a token or a certificate where neither is there,
        ``acting_as`` whom the user wants to be instead, ``agent`` which program
        is calling.
        Raises ``ValueError`` when ``server`` is not an address, or a file of the
        transport cannot be used.
        """
        self.server = server
        self._host, self._port = address.parse(server)
        self._transport = transport or transports.default(self._host)
        self._material = _material(self._transport)
        self.timeout = timeout
        """Seconds that a unary call may take unless it says otherwise, ``None`` for any time."""
        self._token = token
        pair = self._material.pair if self._material is not None else None
        # As in client-go: what is there needs no plugin.
        needed = plugin is not None and not (token is not None and token()) and pair is None
        self._plugin = self._prepared(plugin) if plugin is not None and needed else None
        self._given: Given | None = None
        """What the plugin gave for the channel."""
        self._former: grpc.aio.Channel | None = None
        """That of another certificate, whose calls go on."""
        self._fixed = _METADATA + (acting_as.metadata() if acting_as is not None else ())
        self._agent = agent or f"protocube-client/{protocube.__version__}"
        self._channel: grpc.aio.Channel | None = None
        self._unary: dict[str, Callable[..., Any]] = {}

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
        channels = [self._channel, self._former]
        self._channel = self._former = None
        self._unary.clear()
        for channel in channels:
            if channel is not None:
                await channel.close(None)

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

        send: Any = self._unary.get(method)
        if send is None:
            send = self._unary[method] = (await self._open()).unary_unary(method, None, None)
        call = send(request, timeout=limit, metadata=self._metadata())
        try:
            body: bytes = await call
            trailers = await call.trailing_metadata()
        except grpc.aio.AioRpcError as error:
            raise await self._rebuild(error, method) from None
        return Answer(body=body, warnings=_warnings(trailers))

    async def stream(self, method: str, request: bytes) -> AsyncGenerator[bytes, None]:
        """Send ``request`` to ``method`` and give its responses until the server ends them.

        Raises what :meth:`call` raises. Close the iterator to end the call.
        """
        import grpc.aio

        if self._plugin is not None:
            await self._use(self._plugin)
        open_stream: Any = (await self._open()).unary_stream(method, None, None)
        call = open_stream(request, metadata=self._metadata())
        try:
            async for response in call:
                yield response
        except grpc.aio.AioRpcError as error:
            raise await self._rebuild(error, method) from None
        finally:
            call.cancel()

    async def converse(
        self, method: str, requests: AsyncIterator[bytes]
    ) -> AsyncGenerator[bytes, None]:
        """Send ``requests`` to ``method`` as they come, and give its responses, as :meth:`stream`.

        A request is asked for when the server has let the call in, and has room for it.
        """
        import grpc.aio

        if self._plugin is not None:
            await self._use(self._plugin)

        async def let_in() -> AsyncIterator[bytes]:
            # A write that meets the end of a refused call would take the place of the refusal.
            await call.initial_metadata()
            if call.done():
                return
            async for request in requests:
                yield request

        open_stream: Any = (await self._open()).stream_stream(method, None, None)
        call: Any = open_stream(let_in(), metadata=self._metadata())
        try:
            async for response in call:
                yield response
        except grpc.aio.AioRpcError as error:
            raise await self._rebuild(error, method) from None
        finally:
            call.cancel()

    def _prepared(self, plugin: ExecPlugin) -> Plugin:
        """Return a plugin that is told of the server. Raises ``ValueError``."""
        from protocube_client.connection import exec_cluster
        from protocube_client.connection.exec_plugin import Plugin

        authorities = self._material.authorities if self._material is not None else None
        return Plugin(plugin, exec_cluster.told(self.server, self._transport, authorities))

    async def _use(self, plugin: Plugin) -> Given:
        """Let the next calls show what a plugin gives; another certificate needs a new channel."""
        from protocube_client.connection.exec_plugin import CannotGetError

        try:
            given = await plugin.given()
        except CannotGetError as error:
            raise unreachable.cannot_connect(f"getting credentials: {error}") from None
        before, self._given = self._given, given
        if before is not None and before.pair != given.pair:
            former, self._former = self._former, self._channel
            self._channel = None
            self._unary.clear()
            if former is not None:
                await former.close(None)
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

    async def _open(self) -> grpc.aio.Channel:
        import grpc.aio

        transport, material = self._transport, self._material
        if self._channel is None and isinstance(transport, transports.Tls) and material:
            shown = None if transport.verify else await self._shown(transport)
            pair = material.pair or (self._given.pair if self._given is not None else None)
            credentials = grpc.ssl_channel_credentials(
                root_certificates=shown.certificate if shown else material.authorities,
                private_key=pair.key if pair else None,
                certificate_chain=pair.certificate if pair else None,
            )
            name = shown.name if shown else transport.server_name
            # Another call may have connected while we looked at the certificate.
            self._channel = self._channel or grpc.aio.secure_channel(
                self.server, credentials, options=self._options(name)
            )
        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(self.server, options=self._options())
        return self._channel

    async def _shown(self, tls: transports.Tls) -> handshake.Shown:
        """Return the certificate to hold the server to, when its issuer is not to be judged."""
        from protocube_client.connection import handshake

        try:
            return await handshake.shown(self._host, self._port, tls.server_name)
        except handshake.Refused as error:
            raise unreachable.cannot_connect(f"{self.server}: {error}") from None
        except ConnectionRefusedError:
            raise unreachable.refused(self.server) from None
        except OSError as error:
            why = f"{self.server}: {error.strerror or error}"
            raise unreachable.cannot_connect(why) from None

    def _options(self, server_name: str = "") -> Sequence[tuple[str, Any]]:
        # Messages from the server keep gRPC's own limit of 4 MiB, which it promises
        # not to exceed; what we send has no limit of ours, the server names its own.
        loopback = transports.is_loopback(self._host)
        return (
            *((("grpc.ssl_target_name_override", server_name),) if server_name else ()),
            ("grpc.primary_user_agent", f"{self._agent} ({platform.system()})"),
            ("grpc.max_send_message_length", -1),
            ("grpc.max_metadata_size", _TRAILERS + 16 * 1024),
            ("grpc.absolute_max_metadata_size", _TRAILERS * 2),
            ("grpc.keepalive_time_ms", _KEEPALIVE_SECONDS * 1000),
            ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_SECONDS * 1000),
            # The one above is for packets that are not confirmed. A process that hangs has a
            # kernel that confirms them; what is missing then is the answer to a ping.
            ("grpc.http2.ping_timeout_ms", _KEEPALIVE_TIMEOUT_SECONDS * 1000),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", _LONGEST_RECONNECT_PAUSE_SECONDS * 1000),
            # A proxy for the world outside cannot reach this machine's own ports.
            ("grpc.enable_http_proxy", 0 if loopback else 1),
        )

    async def _rebuild(self, error: grpc.aio.AioRpcError, method: str) -> errors.ApiError:
        from google.rpc import status_pb2

        code = int(error.code().value[0])
        for value in _values(error.trailing_metadata(), _DETAILS):
            if isinstance(value, bytes):
                status = status_pb2.Status.FromString(value)
                if status.code == code:
                    return errors.from_status(status)
        text = error.details() or ""
        if code == errors.Unavailable.code:
            return await self._unreachable(text)
        if code == errors.Timeout.code:
            return errors.Timeout(f"the server {self.server} did not answer in time")
        if code == errors.MethodNotSupported.code:
            return errors.MethodNotSupported(f"the server {self.server} does not serve {method}")
        if code == _CANCELLED:
            # We did not cancel, or this would be a CancelledError: the server is leaving.
            return errors.OutcomeUnknown(f"the server {self.server} ended the call")
        larger = _LARGER.match(text)
        if larger:
            # gRPC names a bound of its own, which no flag of the server has.
            return errors.TooLarge(
                f"Request entity too large: {larger[1]} bytes (--max-request-bytes of the server)"
            )
        return errors.from_status(status_pb2.Status(code=code, message=text or error.code().name))

    async def _unreachable(self, text: str) -> errors.ApiError:
        """Return the error of a call that gRPC itself failed, with gRPC's ``text``."""
        server = self.server
        if "Connection refused" in text:
            return unreachable.refused(server)
        if text.startswith(_UNRESOLVED):
            return unreachable.cannot_connect(f"the host of {server} is not known")
        if "http1.x" in text:
            why = f"{server} is not a gRPC server: it answered as a plain web server"
            return unreachable.cannot_connect(why)
        if text.startswith("failed to connect"):
            from protocube_client.connection import handshake

            fault = await handshake.fault(self._host, self._port, self._transport, self._material)
            if not fault:
                last = text.rpartition(server)[2].lstrip(": ") or text
                plain = self._material is None
                how = "without" if plain else "with"
                fault = f"{last} (is it a gRPC server, and does it speak {how} TLS?)"
            return unreachable.cannot_connect(f"{server}: {fault}")
        return errors.OutcomeUnknown(
            f"the connection to the server {server} was lost before the answer came: {text}"
        )


def _material(transport: Transport) -> Material | None:
    """Read the files of ``transport``, if it has any."""
    if isinstance(transport, transports.Plaintext):
        return None
    # Plaintext, which is most of what happens on one machine, does without ssl.
    from protocube_client.connection.material import Material

    return Material.read(transport)


def _warnings(trailers: Iterable[Any] | None) -> tuple[str, ...]:
    return tuple(unquote(str(value)) for value in _values(trailers, _WARNING))


def _values(metadata: Iterable[Any] | None, key: str) -> list[str | bytes]:
    return [value for name, value in metadata or () if name == key]
