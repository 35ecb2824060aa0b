"""A store, a cache that follows it, and objects to put there."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from protocube.catalog import Catalog
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.cache import Cache
from protocube_server.kinds.edition import Editions
from protocube_server.kinds.registry import Registry
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.tasks import beside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from pathlib import Path

    from protocube_server.cache.objects import Snapshot
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record, Store

_PATIENCE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cached:
    """A cache over a store, and the kind that the tests keep in it."""

    store: Store
    cache: Cache
    kind: Kind
    editions: Editions

    async def create(self, name: str, text: str = "", *, label: str = "") -> Record:
        """Write an object straight into the store."""
        return await self.store.create(self.kind.key("default", name), value(name, text, label))

    async def update(self, record: Record, name: str, text: str, *, label: str = "") -> Record:
        """Replace an object straight in the store."""
        new = value(name, text, label)
        return await self.store.update(record.key, new, expected=record.mod_revision)

    async def loaded(self) -> Snapshot:
        """Return the newest objects from memory, once they are there."""
        async with asyncio.timeout(_PATIENCE):
            while (snapshot := await self.cache.newest(self.kind)) is None:
                await self.cache.loaded()
                await asyncio.sleep(0)
            return snapshot


@contextlib.asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run a cache, or its feed, while the context is open; it has begun before it is."""
    async with beside(work):
        await asyncio.sleep(0)
        yield


def value(name: str, text: str = "", label: str = "") -> bytes:
    """Return a stored object."""
    made = ConfigMap(api_version="v1", kind="ConfigMap", data={"text": text})
    made.metadata.name, made.metadata.namespace = name, "default"
    if label:
        made.metadata.labels["label"] = label
    return made.SerializeToString(deterministic=True)


@pytest.fixture(scope="session")
def registry() -> Registry:
    """Provide the shipped kinds."""
    return Registry(Catalog.shipped(), "/registry", FUNCTIONS)


@contextlib.asynccontextmanager
async def caching(store: Store, registry: Registry) -> AsyncIterator[Cached]:
    """Run a cache over a store while the context is open, and close the store behind it."""
    editions = Editions(registry)
    cache = Cache(store, b"/registry/", editions)
    kind = registry.for_message("protocube.core.v1.ConfigMap")
    assert kind is not None
    async with running(cache.run()):
        yield Cached(store=store, cache=cache, kind=kind, editions=editions)
    await store.close()


@pytest.fixture
async def cached(tmp_path: Path, registry: Registry) -> AsyncIterator[Cached]:
    """Provide a store with a cache that runs."""
    async with caching(await SqliteStore.open(tmp_path / "store.db"), registry) as made:
        yield made
