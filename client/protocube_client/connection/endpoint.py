"""One server of a connection: its channel, and what its failures mean.

This module and ``connection.py`` are those of the client that know gRPC: no exception of
grpc leaves them.
"""

from __future__ import annotations

import platform
import re
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_client.connection import transport as transports
from protocube_client.connection import unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import grpc
    import grpc.aio

    from protocube.pem import Pair
    from protocube_client.connection import handshake
    from protocube_client.connection.address import Address
    from protocube_client.connection.material import Material
    from protocube_client.connection.transport import Transport

TRAILERS = 256 * 1024
"""Bytes of trailers that we take: an error with many violations is larger than stock
clients accept, and the server cuts it down for those."""
_DETAILS = "grpc-status-details-bin"
_KEEPALIVE_SECONDS = 60
_KEEPALIVE_TIMEOUT_SECONDS = 20
_LONGEST_RECONNECT_PAUSE_SECONDS = 5
_CONNECTING_SECONDS = 5
"""So long a server is tried where there are others; gRPC's own 20 where it is the only one."""
_IN_TURN = '{"loadBalancingConfig": [{"round_robin": {}}]}'
"""gRPC's service configuration that spreads calls over all addresses of a name."""
_UNRESOLVED = ("DNS resolution failed", "errors resolving")
"""How gRPC 1.75, and how 1.82, says that it finds no address for a name."""
_LARGER = re.compile(r"(?:SERVER: )?Received message larger than max \((\d+) vs\.")
"""How a server's gRPC refuses what is so large that the server itself never sees it."""
_CANCELLED = 1
"""gRPC's status code of a call that one of its ends gave up."""


class Endpoint:
    """Where one server is, and the channel to it, made at the first call and again when lost."""

    def __init__(
        self, address: Address, transport: Transport | None, *, agent: str, is_only: bool
    ) -> None:
        """Prepare calls to the server at ``address``; see :class:`Connection`.

        Raises ``ValueError`` when a file of the transport cannot be used.
        """
        self.address = address
        self.transport = transport or transports.default(address.host)
        self.material = _material(self.transport)
        self.away_since: float | None = None
        """When it could not be reached, by the loop's clock; ``None`` when it could."""
        self._agent = agent
        self._is_only = is_only
        self._channel: grpc.aio.Channel | None = None
        self._former: grpc.aio.Channel | None = None
        """That of another certificate: its calls go on."""
        self._unary: dict[str, Callable[..., Any]] = {}

    async def unary(self, method: str, pair: Pair | None) -> Callable[..., Any]:
        """Return what sends a request to ``method``; see :meth:`channel`."""
        send = self._unary.get(method)
        if send is None:
            channel = await self.channel(pair)
            send = self._unary[method] = channel.unary_unary(method, None, None)
        return send

    async def channel(self, pair: Pair | None) -> grpc.aio.Channel:
        """Return the channel, on which a plugin's certificate is shown unless there is another.

        Raises :class:`unreachable.CannotConnect`.
        """
        import grpc.aio

        transport, material = self.transport, self.material
        target = self.address.text
        if self._channel is None and isinstance(transport, transports.Tls) and material:
            shown = None if transport.verify else await self._shown(transport)
            pair = material.pair or pair
            credentials = grpc.ssl_channel_credentials(
                root_certificates=shown.certificate if shown else material.authorities,
                private_key=pair.key if pair else None,
                certificate_chain=pair.certificate if pair else None,
            )
            name = shown.name if shown else transport.server_name
            # Another call may have connected while we looked at the certificate.
            self._channel = self._channel or grpc.aio.secure_channel(
                target, credentials, options=self._options(name)
            )
        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(target, options=self._options())
        return self._channel

    async def renew(self) -> None:
        """Let later calls take a new channel; those of the one before the last end."""
        former, self._former = self._former, self._channel
        self._channel = None
        self._unary.clear()
        if former is not None:
            await former.close(None)

    async def close(self) -> None:
        """Cancel what runs and let go of the socket."""
        channels = [self._channel, self._former]
        self._channel = self._former = None
        self._unary.clear()
        for channel in channels:
            if channel is not None:
                await channel.close(None)

    async def rebuild(self, error: grpc.aio.AioRpcError, method: str) -> errors.ApiError:
        """Return the server's error that ``error`` stands for, or what became of the call."""
        from google.rpc import status_pb2

        server = self.address.text
        code = int(error.code().value[0])
        for value in values(error.trailing_metadata(), _DETAILS):
            if isinstance(value, bytes):
                status = status_pb2.Status.FromString(value)
                if status.code == code:
                    return errors.from_status(status)
        text = error.details() or ""
        if code == errors.Unavailable.code:
            return await self._unreachable(text)
        if code == errors.Timeout.code:
            return errors.Timeout(f"the server {server} did not answer in time")
        if code == errors.MethodNotSupported.code:
            return errors.MethodNotSupported(f"the server {server} does not serve {method}")
        if code == _CANCELLED:
            # We did not cancel, or this would be a CancelledError: the server is leaving.
            return errors.OutcomeUnknown(f"the server {server} ended the call")
        larger = _LARGER.match(text)
        if larger:
            # gRPC names a bound of its own, which no flag of the server has.
            return errors.TooLarge(
                f"Request entity too large: {larger[1]} bytes (--max-request-bytes of the server)"
            )
        return errors.from_status(status_pb2.Status(code=code, message=text or error.code().name))

    async def _shown(self, tls: transports.Tls) -> handshake.Shown:
        """Return the certificate to hold the server to, when its issuer is not to be judged."""
        from protocube_client.connection import handshake

        server = self.address.text
        try:
            return await handshake.shown(self.address.host, self.address.port, tls.server_name)
        except handshake.Refused as error:
            raise unreachable.cannot_connect(f"{server}: {error}") from None
        except ConnectionRefusedError:
            raise unreachable.refused(server) from None
        except OSError as error:
            why = f"{server}: {error.strerror or error}"
            raise unreachable.cannot_connect(why) from None

    def _options(self, server_name: str = "") -> Sequence[tuple[str, Any]]:
        # Messages from the server keep gRPC's own limit of 4 MiB, which it promises
        # not to exceed; what we send has no limit of ours, the server names its own.
        loopback = transports.is_loopback(self.address.host)
        return (
            *((("grpc.ssl_target_name_override", server_name),) if server_name else ()),
            ("grpc.primary_user_agent", f"{self._agent} ({platform.system()})"),
            ("grpc.max_send_message_length", -1),
            ("grpc.max_metadata_size", TRAILERS + 16 * 1024),
            ("grpc.absolute_max_metadata_size", TRAILERS * 2),
            ("grpc.keepalive_time_ms", _KEEPALIVE_SECONDS * 1000),
            ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_SECONDS * 1000),
            # The one above is for packets that are not confirmed. A process that hangs has a
            # kernel that confirms them; what is missing then is the answer to a ping.
            ("grpc.http2.ping_timeout_ms", _KEEPALIVE_TIMEOUT_SECONDS * 1000),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", _LONGEST_RECONNECT_PAUSE_SECONDS * 1000),
            *(
                ()
                if self._is_only
                else (("grpc.min_reconnect_backoff_ms", _CONNECTING_SECONDS * 1000),)
            ),
            *((("grpc.service_config", _IN_TURN),) if self.address.is_many else ()),
            # A proxy for the world outside cannot reach this machine's own ports.
            ("grpc.enable_http_proxy", 0 if loopback else 1),
        )

    async def _unreachable(self, text: str) -> errors.ApiError:
        """Return the error of a call that gRPC itself failed, with gRPC's ``text``."""
        server = self.address.text
        if "Connection refused" in text:
            return unreachable.refused(server)
        if text.startswith(_UNRESOLVED):
            return unreachable.cannot_connect(f"the host of {server} is not known")
        if "http1.x" in text:
            why = f"{server} is not a gRPC server: it answered as a plain web server"
            return unreachable.cannot_connect(why)
        if text.startswith("failed to connect"):
            from protocube_client.connection import handshake

            host, port = self.address.host, self.address.port
            fault = await handshake.fault(host, port, self.transport, self.material)
            if not fault:
                last = text.rpartition(server)[2].lstrip(": ") or text
                plain = self.material is None
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


def values(metadata: Iterable[Any] | None, key: str) -> list[str | bytes]:
    """Return what the entries of this key have, in their order."""
    return [value for name, value in metadata or () if name == key]
