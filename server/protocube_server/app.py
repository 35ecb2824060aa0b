"""Puts the layers together: opens the store, serves, drains, closes."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from typing import TYPE_CHECKING

from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.cache import Cache
from protocube_server.edge import listening, tls
from protocube_server.edge.listening import CannotListen
from protocube_server.kinds.edition import Editions
from protocube_server.kinds.registry import Registry
from protocube_server.serving import serving
from protocube_server.storage import format as store_format
from protocube_server.storage import keys, url
from protocube_server.storage.awaited import AwaitedStore
from protocube_server.tasks import beside
from protocube_server.upkeep import compactor, expiry, preparation, readiness
from protocube_server.upkeep.leadership import Leadership
from protocube_server.upkeep.namespaces import worker as namespace_removal
from protocube_server.verbs import namespaces
from protocube_server.verbs.api import Api

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.serving import Server
    from protocube_server.settings import Settings
    from protocube_server.storage.base import Store
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

    @property
    def address(self) -> str:
        """Where it listens."""
        return self.server.address

    @property
    def kinds(self) -> int:
        """How many kinds it serves."""
        return len(tuple(self.api.editions.current.kinds))


@contextlib.asynccontextmanager
async def running(settings: Settings, catalog: Catalog | None = None) -> AsyncGenerator[App, None]:
    """Serve while the context is open; on the way out, drain and close the store.

    It opens when the store is there. Before that the server listens, is not healthy, and
    refuses calls.

    Raises :class:`CannotListen`, ``errors.ApiError`` for a store that cannot be
    opened or is of a newer format, and ``ValueError`` for a catalog that cannot be served.
    """
    loopback = listening.probe(settings.listen)
    if not (loopback or settings.tls or settings.insecure_plaintext):
        raise CannotListen(
            f"cannot listen on {settings.listen} without TLS: anyone on the way could read "
            "and change everything (give --tls-cert and --tls-key, or accept it with "
            "--insecure-plaintext)"
        )
    credentials = tls.credentials(settings.tls) if settings.tls else None
    prefix = url.parse(settings.store).prefix

    async def prepare(opened: Store) -> None:
        await store_format.claim(opened, prefix)
        await namespaces.bootstrap(dataclasses.replace(api, store=opened))

    store = AwaitedStore(settings.store, settings.etcd, prepare)
    editions = Editions(Registry(catalog or Catalog.shipped(), prefix, FUNCTIONS))
    api = Api(
        store=store,
        cache=Cache(store, keys.root(prefix), editions),
        editions=editions,
        limits=settings.limits,
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
            server = await stack.enter_async_context(
                serving(
                    api,
                    listen=settings.listen,
                    store=settings.store.partition(":")[0],
                    credentials=credentials,
                    limits=settings.call_limits,
                    grace=settings.grace,
                )
            )
            if not arriving.done():
                where = server.address
                _LOG.info("listening on %s; calls are refused until the store is there", where)
            await arriving
            await server.announce(ready=True)
            await stack.enter_async_context(beside(readiness.follow(store, server.announce)))
            await stack.enter_async_context(beside(preparation.follow(store, prepare)))
            workers: list[Worker] = [
                namespace_removal.removing(api),
                expiry.expiring(store, prefix, settings.request_ids),
            ]
            if settings.compact_interval:
                workers.append(compactor.compacting(store, prefix, settings.compact_interval))
            await stack.enter_async_context(beside(Leadership(store, prefix).run(workers)))
            yield App(server=server, api=api)
    finally:
        arriving.cancel()
        await asyncio.wait({arriving})
        await store.close()


async def _cache(cache: Cache, store: AwaitedStore) -> None:
    """Run the cache from the time on that there is a store to follow."""
    await store.there()
    await cache.run()
