"""An exception amid a change of state: the cache moves as a whole or begins anew."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube.core.v1 import config_map_service_pb2 as services
from protocube_server.cache import Cache, Selection, feed, leaf, leaves, log, objects
from protocube_server.kinds import splice
from protocube_server.kinds.edition import Editions
from tests.cache.conftest import Cached, running
from tests.cache.injection import Injected, Injection
from tests.simulation.store import SimulatedStore, World

if TYPE_CHECKING:
    import pytest

    from protocube_server.cache.objects import Snapshot
    from protocube_server.kinds.registry import Registry

_MODULES = (feed, log, objects, leaves, leaf)
_SPARED = ("Feed.run",)
"""The loop that catches what all else raises."""


async def _settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def _work(cached: Cached) -> None:
    """Create, change and delete, with lists between, which read the log each time."""
    a = await cached.create("a", "one")
    b = await cached.create("b", "one")
    await _settle()
    for step in (
        lambda: cached.update(a, "a", "two"),
        lambda: cached.store.delete(b.key),
        lambda: cached.create("c"),
    ):
        await step()
        await _settle()
        with contextlib.suppress(Injected):
            snapshot = await cached.cache.newest(cached.kind)
            if snapshot is not None:
                cached.cache.retain(cached.kind, snapshot)
        await cached.cache.loaded()
        await _settle()


async def _run(registry: Registry, nth: int) -> str:
    """Fail at the ``nth`` line; return where, once all that follows is right."""
    store = SimulatedStore(World())
    editions = Editions(registry)
    cache = Cache(store, b"/registry/", editions)
    (kind,) = (kind for kind in registry if kind.resource.message == "protocube.core.v1.ConfigMap")
    cached = Cached(store=store, cache=cache, kind=kind, editions=editions)
    injection = Injection(*_MODULES, nth=nth, spared=_SPARED)
    async with running(cache.run()):
        with injection.armed():
            with contextlib.suppress(Injected):
                await cache.newest(kind)
            await cached.cache.loaded()
            await _work(cached)
        await _agrees(cached, injection.place)
        await cached.create("later", "one")
        await _agrees(cached, injection.place)
        await _watches(cached)
    return injection.place


async def _agrees(cached: Cached, place: str) -> None:
    """The next list from memory is what the store has."""
    snapshot = await cached.loaded()
    page = await cached.store.list(cached.kind.prefix())
    assert list(snapshot.leaves) == [record.key for record in page.records], place
    assert _items(snapshot) == [
        cached.kind.answer(record.value, record.mod_revision) for record in page.records
    ], place


async def _watches(cached: Cached) -> None:
    """A watch through the cache sees what is written from now on."""
    after = await cached.store.revision()
    incarnation = cached.store.incarnation
    watch = cached.cache.watch(
        Selection(cached.kind), after=after, incarnation=incarnation, progress=None
    )
    async with aclosing(watch) as responses:
        reading = asyncio.ensure_future(anext(responses))
        record = await cached.create("watched")
        response = services.ConfigMapWatchResponse.FromString(await reading)
        assert response.resource_version == str(record.mod_revision)
    await cached.store.delete(record.key)


def _items(snapshot: Snapshot) -> list[bytes]:
    return [splice.unframed(item) for item in snapshot.leaves.items()]


async def test_at_each_line(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever line of the cache raises, all later lists are what the store has."""
    monkeypatch.setattr(feed, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(objects, "_AGAIN_SECONDS", 0.0)
    places: list[str] = []
    async with asyncio.timeout(120):
        while place := await _run(registry, len(places) + 1):
            places.append(place)
    names = {place.partition(",")[0] for place in places}
    assert {"Feed._take", "Log.append", "Objects._apply", "Objects._put", "Feed._end"} <= names


async def test_a_damaged_value(cached: Cached) -> None:
    """What cannot be read stops no other change: a deleted object is not shown again."""
    gone = await cached.create("gone")
    await cached.loaded()
    put, remove = cached.kind.key("default", "damaged"), gone.key
    await cached.store.create(put, b"\xff\xff")
    await cached.store.delete(remove)
    for _ in range(2):
        snapshot = await cached.cache.newest(cached.kind)
        assert snapshot is None or remove not in snapshot.leaves
    await cached.store.delete(put)
    await cached.create("other", "one")
    snapshot = await cached.cache.newest(cached.kind)
    assert snapshot is None or remove not in snapshot.leaves
