"""The feed: when it knows that it has seen everything, and when it begins anew."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protocube_server.cache import Selection
from protocube_server.cache.feed import Feed
from protocube_server.storage import keys
from tests.cache.conftest import running

if TYPE_CHECKING:
    from protocube_server.cache.log import Log
    from tests.cache.conftest import Cached


async def test_it_has_seen_what_the_store_has(cached: Cached) -> None:
    """After every write the feed reaches it, though nothing else happens."""
    feed = Feed(cached.store, b"/registry/")
    async with running(feed.run()):
        assert await feed.begun(within=10)
        for name in "abc":
            record = await cached.create(name)
            assert await feed.is_newest(within=10)
            assert feed.position >= record.mod_revision


async def test_it_proves_nothing_beside_others(cached: Cached) -> None:
    """Where others keep keys in the same store, it follows ours and lists go to the store."""
    await cached.store.create(b"/elsewhere/a", b"")
    feed = Feed(cached.store, b"/registry/")
    async with running(feed.run()):
        assert await feed.begun(within=10)
        log = feed.log(cached.kind.prefix())
        record = await cached.create("a")
        await _news(log, cached)
        assert [entry.revision.number for entry in log.read(0)] == [record.mod_revision]
        # It is known at once: no list waits for a proof that cannot come.
        async with asyncio.timeout(20):
            assert not await feed.is_newest(within=3600)


async def test_entries_of_the_servers_own_are_no_objects(cached: Cached) -> None:
    """They prove revisions as everything else does, and no reader of any kind sees them."""
    feed = Feed(cached.store, b"/registry/")
    async with running(feed.run()):
        assert await feed.begun(within=10)
        record = await cached.store.create(
            keys.system("/registry", keys.Area.ALLOCATIONS, "a", "b"), b"one"
        )
        assert await feed.is_newest(within=10)
        assert feed.position == record.mod_revision
        assert feed.proves
        assert not feed._logs


async def test_it_is_not_live_unless_it_runs(cached: Cached) -> None:
    """Nobody waits for a feed that was not started."""
    assert not await Feed(cached.store, b"/registry/").begun(within=60)


async def test_it_begins_anew_when_the_store_has_gone_back(cached: Cached) -> None:
    """A restored backup has fewer revisions than were seen: memory is of another past."""
    feed = Feed(cached.store, b"/registry/")
    async with running(feed.run()):
        assert await feed.begun(within=10)
        log = feed.log(cached.kind.prefix())
        feed.position += 1000
        assert not await feed.is_newest(within=10)
        if not log.is_ended:
            await _news(log, cached)
        assert log.is_ended
        assert await feed.begun(within=10)
        assert await feed.is_newest(within=10)
        assert feed.log(cached.kind.prefix()) is not log


async def _news(log: Log, cached: Cached) -> None:
    """Wait for a first entry in a log, or its end."""
    if not [*log.read(0)]:
        waiter = log.wait(Selection(cached.kind))
        async with asyncio.timeout(20):
            await waiter.woken
        log.leave(waiter)
