"""Puts the layers together: opens the store, serves, drains, closes."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from typing import TYPE_CHECKING, Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from protocube.catalog import Catalog
from protocube.discovery.v1 import discovery_pb2_grpc
from protocube_server import compactor, readiness, waiting
from protocube_server.cache import Cache
from protocube_server.edge import reflection, tls
from protocube_server.edge.discovery import Discovery
from protocube_server.edge.gate import Gate
from protocube_server.edge.services import TypedServices
from protocube_server.kinds.registry import Registry
from protocube_server.verbs import namespaces
from protocube_server.verbs.api import Api

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

    from protocube_server.settings import Settings

_DISCOVERY = "protocube.discovery.v1.Discovery"


class CannotListen(Exception):  # reads as the statement it is
    """The address cannot be listened on; the text says why."""


class App:
    """A running server: where it listens, and how it is stopped."""

    def __init__(self, *, server: grpc.aio.Server, gate: Gate, address: str, kinds: int) -> None:
        self.address = address
        self.kinds = kinds
        self._server = server
        self._gate = gate

    async def drain(self, grace: float) -> None:
        """Refuse new calls, end streams so that clients resume elsewhere, wait for the rest."""
        stopped = asyncio.ensure_future(self._server.stop(grace))
        # Lets the server send GOAWAY first: a client must not come back to it.
        await asyncio.sleep(0)
        self._gate.end_streams()
        await stopped


@contextlib.asynccontextmanager
async def running(settings: Settings, catalog: Catalog | None = None) -> AsyncGenerator[App, None]:
    """Serve while the context is open; on the way out, drain and close the store.

    Raises :class:`CannotListen`, ``errors.ApiError`` for a store that cannot be
    opened, and ``ValueError`` for a catalog that cannot be served.
    """
    catalog = catalog or Catalog.shipped()
    loopback = _probe(settings.listen)
    if not (loopback or settings.tls or settings.insecure_plaintext):
        raise CannotListen(
            f"cannot listen on {settings.listen} without TLS: whoever is on the way could read "
            "and change everything (give --tls-cert and --tls-key, or accept it with "
            "--insecure-plaintext)"
        )
    credentials = tls.credentials(settings.tls) if settings.tls else None
    opened = await waiting.open_store(settings.store, settings.etcd)
    try:
        api = Api(
            store=opened.store,
            cache=Cache(opened.store, f"{opened.prefix}/".encode()),
            kinds=Registry(catalog, opened.prefix),
            limits=settings.limits,
        )
        await namespaces.bootstrap(api)
        async with (
            # The cache outlives the calls: watches end before their feed does.
            _caching(settings, api),
            _serving(settings, api, credentials) as app,
            _compacting(settings, api, opened.prefix),
        ):
            yield app
    finally:
        await opened.store.close()


@contextlib.asynccontextmanager
async def _serving(
    settings: Settings, api: Api, credentials: grpc.ServerCredentials | None
) -> AsyncGenerator[App, None]:
    gate = Gate(settings.call_limits)
    server = grpc.aio.server(interceptors=[gate], options=_options(settings))
    catalog = api.kinds.catalog
    store, _, _ = settings.store.partition(":")
    server.add_generic_rpc_handlers([TypedServices(api)])
    discovery_pb2_grpc.add_DiscoveryServicer_to_server(
        Discovery(catalog=catalog, store=store), server
    )
    services = [*(kind.resource.service for kind in api.kinds), _DISCOVERY]
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    reflection.add_to_server(server, catalog, [*services, health.SERVICE_NAME])
    try:
        if credentials:
            port = server.add_secure_port(settings.listen, credentials)
        else:
            port = server.add_insecure_port(settings.listen)
    except RuntimeError as error:
        raise CannotListen(f"cannot listen on {settings.listen}: {error}") from error
    await server.start()

    async def announce(*, ready: bool) -> None:
        status = health_pb2.HealthCheckResponse
        for name in ("", *services):
            await checks.set(name, status.SERVING if ready else status.NOT_SERVING)

    await announce(ready=True)
    host = settings.listen.rpartition(":")[0]
    app = App(server=server, gate=gate, address=f"{host}:{port}", kinds=len(services) - 1)
    try:
        async with _beside(readiness.follow(api.store, announce)):
            yield app
    finally:
        await checks.enter_graceful_shutdown()
        await app.drain(settings.grace)


@contextlib.asynccontextmanager
async def _compacting(settings: Settings, api: Api, prefix: str) -> AsyncGenerator[None, None]:
    if not settings.compact_interval:
        yield
        return
    async with _beside(compactor.compact_forever(api.store, prefix, settings.compact_interval)):
        yield


@contextlib.asynccontextmanager
async def _caching(settings: Settings, api: Api) -> AsyncGenerator[None, None]:
    if not settings.watch_cache:
        yield
        return
    async with _beside(api.cache.run()):
        yield


@contextlib.asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None, None]:
    """Run ``work``, which does not end by itself, while the context is open."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _options(settings: Settings) -> list[tuple[str, int]]:
    return [
        # The handler names the limit it refuses by; gRPC's own words would not. So
        # gRPC lets through more than that, and guards memory.
        ("grpc.max_receive_message_length", settings.limits.request * 4),
        ("grpc.max_send_message_length", settings.limits.response + 64 * 1024),
        ("grpc.max_metadata_size", settings.call_limits.metadata * 2),
        ("grpc.absolute_max_metadata_size", settings.call_limits.metadata * 4),
        # Two servers on one port by accident must be an error.
        ("grpc.so_reuseport", 0),
        # Find dead clients, and let live ones ask as often as gRPC clients do.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
    ]


def _probe(listen: str) -> bool:
    """Bind once by hand: the operating system's reason is better than gRPC's.

    Tells whether only this machine itself can reach the address.
    """
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdigit() or int(port) >= 1 << 16:
        raise CannotListen(f"cannot listen on {listen!r}: it must be HOST:PORT")
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
