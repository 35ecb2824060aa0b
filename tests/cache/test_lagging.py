"""Readers who are ahead of the feed: a watch may begin behind what it has not seen yet."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

import pytest

from protocube.core.v1 import config_map_service_pb2 as services
from protocube_server.cache import Selection
from protocube_server.storage.sqlite import SqliteStore
from tests.cache.conftest import caching
from tests.faults.broken_stores import BrokenStore

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from protocube_server.kinds.registry import Registry
    from protocube_server.storage.base import Revision, Store
    from tests.cache.conftest import Cached

_T = TypeVar("_T")
_PATIENCE = 20.0


class Held(BrokenStore):
    """A store whose watches give nothing while they are held, as over a slow connection."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.flows = asyncio.Event()
        self.flows.set()

    async def watch(
        self, prefix: bytes, *, after: int, progress: bool = False
    ) -> AsyncGenerator[Revision, None]:
        """See :meth:`base.Store.watch`."""
        async with aclosing(super().watch(prefix, after=after, progress=progress)) as watch:
            async for revision in watch:
                await self.flows.wait()
                yield revision


@pytest.fixture
async def held(tmp_path: Path) -> Held:
    """Provide a store that can be held."""
    return Held(await SqliteStore.open(tmp_path / "store.db"))


@pytest.fixture
async def cached(held: Held, registry: Registry) -> AsyncIterator[Cached]:
    """Provide a cache over it, which is loaded."""
    async with caching(held, registry) as made:
        await made.loaded()
        yield made


async def _begun(watch: AsyncGenerator[_T, None]) -> asyncio.Future[_T]:
    """Return the task of the next thing that a watch gives, once it waits for that."""
    task = asyncio.ensure_future(anext(watch))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not task.done(), f"it gave {task.result()!r}, which was before it"
    return task


@pytest.mark.parametrize("labels", ["", "label=x"], ids=["all", "selected"])
async def test_a_watch_repeats_nothing_of_what_it_is_behind(
    cached: Cached, held: Held, labels: str
) -> None:
    """It is on the log of its kind before that has seen the revision that it begins behind."""
    held.flows.clear()
    before = await cached.create("before", label="x")
    selection = Selection(cached.kind, namespace="default", labels=labels)
    watch = cached.cache.watch(
        selection,
        after=before.mod_revision,
        incarnation=cached.store.incarnation,
        progress=None,
    )
    async with aclosing(watch), asyncio.timeout(_PATIENCE):
        task = await _begun(watch)
        await cached.create("after", label="x")
        held.flows.set()
        answer = services.ConfigMapWatchResponse.FromString(await task)
    assert [event.object.metadata.name for event in answer.events] == ["after"]


async def test_changes_of_all_kinds_repeat_nothing(cached: Cached, held: Held) -> None:
    """A reader in this process is no worse off."""
    held.flows.clear()
    before = await cached.create("before")
    changes = cached.cache.changes(after=before.mod_revision, incarnation=cached.store.incarnation)
    async with aclosing(changes), asyncio.timeout(_PATIENCE):
        task = await _begun(changes)
        after = await cached.create("after")
        held.flows.set()
        revision = await task
    assert revision.number == after.mod_revision


async def test_a_list_is_not_older_than_what_was_written(cached: Cached, held: Held) -> None:
    """While the feed has not seen it, memory is not asked."""
    held.flows.clear()
    await cached.create("a")
    assert await cached.cache.newest(cached.kind) is None
    held.flows.set()
    assert [key.rpartition(b"/")[2] for key in (await cached.loaded()).leaves] == [b"a"]
