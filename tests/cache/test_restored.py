"""Memory over a store that goes back in time: what was kept is of another history."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.cache import Selection
from tests.cache.conftest import caching
from tests.simulation.store import SimulatedStore, World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from protocube_server.cache.objects import Snapshot
    from protocube_server.kinds.registry import Registry
    from tests.cache.conftest import Cached


@pytest.fixture
def world() -> World:
    """Provide the store's history."""
    return World()


@pytest.fixture
async def cached(world: World, registry: Registry) -> AsyncIterator[Cached]:
    """Provide a cache over it."""
    async with caching(SimulatedStore(world), registry) as made:
        yield made


def names(snapshot: Snapshot | None) -> list[str]:
    """Return the names of objects."""
    assert snapshot is not None, "nothing is at hand"
    return [key.rpartition(b"/")[2].decode() for key in snapshot.leaves]


async def gone_back(cached: Cached, world: World) -> tuple[Snapshot, int]:
    """Let the store go back and on to the same revision; return what was kept before, and that."""
    await cached.create("both")
    backup = world.backup()
    await cached.create("lost")
    kept = await cached.loaded()
    cached.cache.retain(cached.kind, kept)
    assert names(await cached.cache.at(cached.kind, kept.revision)) == ["both", "lost"]
    world.restore(backup)
    # What it learns by is an answer.
    await cached.store.revision()
    while await cached.store.revision() < kept.revision + 2:
        await cached.create(f"new-{await cached.store.revision()}")
    return kept, kept.revision


async def test_a_snapshot_of_the_past_is_no_page_of_the_present(
    cached: Cached, world: World
) -> None:
    """Its revision is one of the other history now: the store answers for that."""
    _, revision = await gone_back(cached, world)
    assert await cached.cache.at(cached.kind, revision) is None


async def test_a_snapshot_that_comes_late_is_not_kept(cached: Cached, world: World) -> None:
    """A list that began before the store went back leaves nothing behind."""
    kept, revision = await gone_back(cached, world)
    await cached.loaded()
    cached.cache.retain(cached.kind, kept)
    assert await cached.cache.at(cached.kind, revision) is None


async def test_objects_are_those_of_the_present(cached: Cached, world: World) -> None:
    """They are read anew, and what was lost is not among them."""
    await gone_back(cached, world)
    async with asyncio.timeout(20):
        assert names(await cached.loaded()) == ["both", "new-2", "new-3", "new-4"]


async def test_a_watch_of_the_past_ends(cached: Cached, world: World) -> None:
    """Its version means something else now."""
    _, revision = await gone_back(cached, world)
    watch = cached.cache.watch(
        Selection(cached.kind), after=revision, incarnation="0", progress=None
    )
    async with aclosing(watch), asyncio.timeout(20):
        with pytest.raises(errors.Expired, match="gone back in time"):
            await anext(watch)
