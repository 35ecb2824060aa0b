"""Puts the layers together: opens the store, serves, drains, closes."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from typing import TYPE_CHECKING

from protocube.catalog import Catalog
from protocube_server import securing
from protocube_server.admitting import Admitting
from protocube_server.auditing import Auditing
from protocube_server.builtin.functions import FUNCTIONS, SHARED
from protocube_server.cache import Cache
from protocube_server.definitions import installed
from protocube_server.definitions.crd.door import SchemaDoor
from protocube_server.definitions.following import Definitions
from protocube_server.definitions.proto.door import ProtoDoor
from protocube_server.edge import listening, tls
from protocube_server.edge.listening import CannotListen
from protocube_server.kinds.edition import Editions
from protocube_server.kinds.registry import Registry
from protocube_server.securing import Security
from protocube_server.serving import serving
from protocube_server.storage import contents, keys, url
from protocube_server.storage import format as store_format
from protocube_server.storage.awaited import AwaitedStore
from protocube_server.storage.base import Full
from protocube_server.storage.sealing.following import FollowedSealing
from protocube_server.tasks import beside
from protocube_server.upkeep import compactor, preparation, readiness, resealing
from protocube_server.upkeep.collector import worker as garbage_collection
from protocube_server.upkeep.definitions import claiming as definition_claims
from protocube_server.upkeep.definitions import worker as definition_removal
from protocube_server.upkeep.expiry import objects as object_expiry
from protocube_server.upkeep.expiry import records as record_expiry
from protocube_server.upkeep.expiry.lifetimes import Lifetimes
from protocube_server.upkeep.leadership import Leadership
from protocube_server.upkeep.namespaces import worker as namespace_removal
from protocube_server.upkeep.protection import worker as protection
from protocube_server.verbs import namespaces, service_ranges
from protocube_server.verbs.api import Api

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.calls.chain import Stages
    from protocube_server.definitions.door import Door
    from protocube_server.serving import Server
    from protocube_server.settings import Settings
    from protocube_server.storage.base import Store
    from protocube_server.upkeep.expiry.clock import Clock
    from protocube_server.upkeep.leadership import Worker

__all__ = ["App", "CannotListen", "running"]

_LISTEN_AFTER_SECONDS = 0.5
"""How long the store may take to be opened before the server listens without it."""

_LOG = logging.getLogger("protocube.server")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A running server and what it serves."""

    server: Server
    api: Api
    held: str
    """What its store held before it served: ``new store``, or how many objects."""

    @property
    def address(self) -> str:
        """Where it listens."""
        return self.server.address

    @property
    def mtls_address(self) -> str:
        """Where it listens for certificates, when that is another address; else empty."""
        return self.server.mtls_address

    @property
    def kinds(self) -> int:
        """How many kinds it serves."""
        return len(tuple(self.api.editions.current.kinds))


@contextlib.asynccontextmanager
async def running(
    settings: Settings, catalog: Catalog | None = None, *, clock: Clock | None = None
) -> AsyncGenerator[App, None]:
    """Serve while the context is open; on the way out, drain and close the store.

    It opens when the store is there. Before that the server listens, is not healthy, and
    refuses calls. Things expire by ``clock``, or else by that of this machine.

    Raises :class:`CannotListen`, ``errors.ApiError`` for a store that cannot be
    opened or is of a newer format, and ``ValueError`` for a catalog that cannot be served.
    """
    loopback = listening.probe(settings.listen)
    securing.require_safe(settings, loopback=loopback)
    secured = tls.secured(settings.tls, settings.listen_mtls)
    prefix = url.parse(settings.store).prefix

    held = ""

    async def prepare(opened: Store) -> None:
        nonlocal held
        held = held or await contents.told(opened, prefix)
        await store_format.claim(opened, prefix)
        await _bootstrap(dataclasses.replace(api, store=opened), security)

    sealed = FollowedSealing(settings.encryption) if settings.encryption else None
    store = AwaitedStore(
        settings.store,
        settings.etcd,
        prepare,
        etcd_quota=settings.etcd_quota,
        sealing=sealed.sealing if sealed is not None else None,
    )
    editions = _editions(settings, catalog, prefix)
    cache = Cache(store, keys.root(prefix), editions)
    definitions = _definitions(store, prefix, editions, cache)
    # Who shows a certificate may come from elsewhere, too.
    is_local = loopback and (secured.mtls is None or secured.mtls.is_loopback)
    auditing = Auditing(settings, editions, loopback=is_local)
    security = Security(settings, store, cache, editions, auditing.entering)
    admitting = Admitting(settings, security, store, cache, editions)
    api = Api(
        store=store,
        cache=cache,
        editions=editions,
        admission=admitting.admission,
        token_issuer=security.issuer,
        reviews=security.reviews,
        definitions=definitions,
        limits=settings.limits,
        ranges=settings.ranges,
    )
    arriving = asyncio.create_task(store.arrive())
    try:
        # What is wrong with it is said before anything listens.
        await asyncio.wait({arriving}, timeout=_LISTEN_AFTER_SECONDS)
        if arriving.done():
            await arriving
        async with contextlib.AsyncExitStack() as stack:
            if settings.watch_cache:
                # The cache outlives the calls: watches end before their feed does.
                await stack.enter_async_context(beside(_cache(api.cache, store)))
            for context in (
                auditing.running(),
                _following_keys(sealed),
                security.following_rights(),
                admitting.following(),
                beside(_following(definitions, store)),
            ):
                await stack.enter_async_context(context)
            server = await stack.enter_async_context(
                serving(
                    api,
                    listen=settings.listen,
                    store=settings.store.partition(":")[0],
                    credentials=secured.credentials,
                    mtls=secured.mtls,
                    stages=auditing.around(admitting.stages),
                    access=security.access,
                    limits=settings.call_limits,
                    grace=settings.grace,
                )
            )
            await stack.enter_async_context(security.following_credentials(server.recheck))
            if not arriving.done():
                where = server.address
                _LOG.info("listening on %s; calls are refused until the store is there", where)
            await arriving
            await admitting.ready()
            await definitions.loaded()
            await server.announce(ready=True)
            workers = [
                *_workers(settings, api, prefix, auditing.alone, clock),
                *_sealing_anew(settings, store, prefix, sealed),
                *security.workers(api),
                *admitting.workers(api),
            ]
            for work in (
                readiness.follow(store, server.announce),
                preparation.follow(store, prepare),
                Leadership(store, prefix).run(workers),
            ):
                await stack.enter_async_context(beside(work))
            yield App(server=server, api=api, held=held)
    finally:
        arriving.cancel()
        await asyncio.wait({arriving})
        await store.close()


async def _bootstrap(api: Api, security: Security) -> None:
    """Make the objects of the server's own that are missing."""
    try:
        await namespaces.bootstrap(api)
        await service_ranges.bootstrap(api)
        await security.prepare(api)
    except Full as error:
        # Deletions make room, and for them the server has to be there.
        _LOG.warning("%s; objects of the server's own are made at the next start", error)


def _workers(
    settings: Settings, api: Api, prefix: str, stages: Stages | None, clock: Clock | None
) -> list[Worker]:
    """Return what the leader does for all servers, by calls that meet ``stages``."""
    lifetimes = Lifetimes(settings=settings.lifetimes)
    workers: list[Worker] = [
        namespace_removal.removing(api),
        garbage_collection.collecting(api, stages),
        protection.releasing(api, stages),
        record_expiry.expiring(api.store, prefix, settings.request_ids, clock),
        object_expiry.expiring(api, lifetimes, stages, clock=clock),
    ]
    if api.definitions is not None:
        workers.append(definition_removal.removing(api, api.definitions))
        workers.append(definition_claims.claiming(api, api.definitions))
    if settings.compact_interval:
        workers.append(compactor.compacting(api.store, prefix, settings.compact_interval))
    return workers


def _editions(settings: Settings, catalog: Catalog | None, prefix: str) -> Editions:
    served = installed.beside(catalog or Catalog.shipped(), settings.kinds, SHARED, prefix)
    return Editions(Registry(served, prefix, FUNCTIONS))


@contextlib.asynccontextmanager
async def _following_keys(sealed: FollowedSealing | None) -> AsyncGenerator[None, None]:
    if sealed is None:
        yield
        return
    async with beside(sealed.follow()):
        yield


def _sealing_anew(
    settings: Settings, store: Store, prefix: str, sealed: FollowedSealing | None
) -> list[Worker]:
    if sealed is None or not settings.reencrypt:
        return []
    return [resealing.sealing_anew(store, prefix, sealed.sealing)]


def _definitions(store: Store, prefix: str, editions: Editions, cache: Cache) -> Definitions:
    doors: list[Door] = [ProtoDoor(editions.current.catalog), SchemaDoor()]
    known = [door for door in doors if editions.current.kinds.for_message(door.message)]
    definitions = Definitions(store, prefix, editions, known, SHARED)
    cache.order(definitions.taken_in)
    return definitions


async def _following(definitions: Definitions, store: AwaitedStore) -> None:
    """Follow the definitions from the time on that there is a store."""
    await store.there()
    try:
        await definitions.run()
    finally:
        await definitions.close()


async def _cache(cache: Cache, store: AwaitedStore) -> None:
    """Run the cache from the time on that there is a store to follow."""
    await store.there()
    await cache.run()
