"""gRPC's server, and where it may listen."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc

from protocube import hosts

if TYPE_CHECKING:
    from protocube_server.calls.limits import Limits
    from protocube_server.edge.gate import CallLimits, Gate


class CannotListen(Exception):
    """The address cannot be listened on; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """An address, and how connections to it are secured."""

    listen: str
    """``HOST:PORT``."""
    credentials: grpc.ServerCredentials
    is_loopback: bool
    """Whether only this machine can reach it."""


def probe(listen: str) -> bool:
    """Return whether only this machine itself can reach the address ``HOST:PORT``.

    Binds once by hand, because the operating system's reason is better than gRPC's. Raises
    :class:`CannotListen`.
    """
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdigit() or int(port) >= 1 << 16:
        raise CannotListen(f"cannot listen on {listen!r}: it must be HOST:PORT")
    if hosts.lacks_brackets(host):
        raise CannotListen(f"cannot listen on {listen!r}: write [{host}]:{port}")
    try:
        found = socket.getaddrinfo(
            host.strip("[]") or None,
            int(port),
            type=socket.SOCK_STREAM,
            # No host means every address of this machine, as it does to gRPC.
            flags=socket.AI_PASSIVE,
        )
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotListen(f"cannot listen on {listen}: {error.strerror or error}") from error
    # gRPC listens on all that a name stands for.
    numbers = {str(entry[4][0]).partition("%")[0] for entry in found}
    return all(ipaddress.ip_address(number).is_loopback for number in numbers)


def server(gate: Gate, limits: Limits, calls: CallLimits) -> grpc.aio.Server:
    """Return a server whose one handler is ``gate``; it listens nowhere yet."""
    return grpc.aio.server(handlers=[gate], options=_options(limits, calls))


def bind(server: grpc.aio.Server, listen: str, credentials: grpc.ServerCredentials | None) -> str:
    """Listen at ``listen`` and return the address with the port that was bound.

    Raises :class:`CannotListen`.
    """
    try:
        if credentials:
            port = server.add_secure_port(listen, credentials)
        else:
            port = server.add_insecure_port(listen)
    except RuntimeError as error:
        raise CannotListen(f"cannot listen on {listen}: {error}") from error
    host = listen.rpartition(":")[0]
    return f"{host}:{port}"


def _options(limits: Limits, calls: CallLimits) -> list[tuple[str, int]]:
    return [
        # Identity is the one encoding: gRPC inflates a message whole before it looks how
        # large it has become. Bit 0 is identity.
        ("grpc.compression_enabled_algorithms_bitset", 1),
        # The handler names the limit it refuses by; gRPC's own words would not. So
        # gRPC lets through more than that, and guards memory.
        ("grpc.max_receive_message_length", limits.request * 4),
        ("grpc.max_send_message_length", limits.response + 64 * 1024),
        ("grpc.max_metadata_size", calls.metadata * 2),
        ("grpc.absolute_max_metadata_size", calls.metadata * 4),
        # Of callers who are not known yet: how many there are, and how long they may say nothing.
        ("grpc.max_allowed_incoming_connections", calls.connections),
        ("grpc.server_handshake_timeout_ms", round(calls.handshake * 1000)),
        ("grpc.http2.settings_timeout", round(calls.handshake * 1000)),
        # The gate refuses what is beyond a share; this bounds how much it has to refuse.
        ("grpc.max_concurrent_streams", 2 * (calls.calls + calls.streams)),
        # Two servers on one port by accident must be an error.
        ("grpc.so_reuseport", 0),
        # Find dead clients, and let live ones ask as often as gRPC clients do.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        # A client that hangs answers no ping.
        ("grpc.http2.ping_timeout_ms", 20_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
    ]
