"""Puts the layers together: opens the store, serves, drains, closes."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import ipaddress
import logging
import socket
from typing import TYPE_CHECKING, Any, cast

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from protocube import hosts
from protocube.catalog import Catalog
from protocube.discovery.v1 import discovery_pb2_grpc
from protocube_server import compactor, readiness, waiting
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.cache import Cache
from protocube_server.edge import reflection, tls
from protocube_server.edge.discovery import Discovery
from protocube_server.edge.gate import Gate
from protocube_server.edge.services import TypedServices
from protocube_server.kinds.registry import Registry
from protocube_server.storage import url
from protocube_server.verbs import namespaces
from protocube_server.verbs.api import Api

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

    from protocube_server.settings import Settings
    from protocube_server.storage.base import Store

_DISCOVERY = "protocube.discovery.v1.Discovery"
_LISTEN_AFTER_SECONDS = 0.5
"""So long the store may take to be opened before that is to be seen from outside."""

_LOG = logging.getLogger("protocube.server")


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


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Listening:
    app: App
    announce: readiness.Announce
    """Tells the health service whether calls can be served."""


@contextlib.asynccontextmanager
async def running(settings: Settings, catalog: Catalog | None = None) -> AsyncGenerator[App, None]:
    """Serve while the context is open; on the way out, drain and close the store.

    It opens when the store is there. Before that the server listens, is not healthy, and
    refuses calls.

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
    prefix = url.parse(settings.store).prefix

    async def prepare(opened: Store) -> None:
        await namespaces.bootstrap(dataclasses.replace(api, store=opened))

    store = waiting.AwaitedStore(settings.store, settings.etcd, prepare)
    api = Api(
        store=store,
        cache=Cache(store, f"{prefix}/".encode()),
        kinds=Registry(catalog, prefix, FUNCTIONS),
        limits=settings.limits,
    )
    arriving = asyncio.create_task(store.arrive())
    try:
        # What is wrong with it is said before anything listens.
        await asyncio.wait({arriving}, timeout=_LISTEN_AFTER_SECONDS)
        if arriving.done():
            await arriving
        async with (
            # The cache outlives the calls: watches end before their feed does.
            _caching(settings, api.cache, store),
            _serving(settings, api, credentials) as listening,
        ):
            if not arriving.done():
                where = listening.app.address
                _LOG.info("listening on %s; calls are refused until the store is there", where)
            await arriving
            await listening.announce(ready=True)
            async with (
                _beside(readiness.follow(store, listening.announce)),
                _compacting(settings, api, prefix),
            ):
                yield listening.app
    finally:
        arriving.cancel()
        await asyncio.wait({arriving})
        await store.close()


@contextlib.asynccontextmanager
async def _serving(
    settings: Settings, api: Api, credentials: grpc.ServerCredentials | None
) -> AsyncGenerator[_Listening, None]:
    gate = Gate(settings.call_limits)
    server = grpc.aio.server(handlers=[gate], options=_options(settings))
    # Services do nothing with a server but to add their handlers.
    behind = cast("grpc.aio.Server", gate)
    catalog = api.kinds.catalog
    store, _, _ = settings.store.partition(":")
    gate.add_generic_rpc_handlers([TypedServices(api)])
    discovery_pb2_grpc.add_DiscoveryServicer_to_server(
        Discovery(catalog=catalog, store=store), behind
    )
    services = [*(kind.resource.service for kind in api.kinds), _DISCOVERY]
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, behind)
    reflection.add_to_server(behind, catalog, [*services, health.SERVICE_NAME])
    try:
        if credentials:
            port = server.add_secure_port(settings.listen, credentials)
        else:
            port = server.add_insecure_port(settings.listen)
    except RuntimeError as error:
        raise CannotListen(f"cannot listen on {settings.listen}: {error}") from error

    async def announce(*, ready: bool) -> None:
        status = health_pb2.HealthCheckResponse
        for name in ("", *services):
            await checks.set(name, status.SERVING if ready else status.NOT_SERVING)

    await announce(ready=False)
    await server.start()
    host = settings.listen.rpartition(":")[0]
    app = App(server=server, gate=gate, address=f"{host}:{port}", kinds=len(services) - 1)
    try:
        yield _Listening(app=app, announce=announce)
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
async def _caching(
    settings: Settings, cache: Cache, store: waiting.AwaitedStore
) -> AsyncGenerator[None, None]:
    async def run() -> None:
        await store.there()
        await cache.run()

    if not settings.watch_cache:
        yield
        return
    async with _beside(run()):
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
        (
            "grpc.http2.ping_timeout_ms",
            20_000,
        ),  # a client that hangs
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
