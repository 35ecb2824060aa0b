"""What happens to all kinds, for a reader in the process: nothing missing, nothing twice."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.cache import Cache, log
from protocube_server.cache.changes import Changes
from protocube_server.cache.feed import Feed
from tests.cache.conftest import running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.storage.base import Revision
    from tests.cache.conftest import Cached

_PATIENCE = 20.0


async def numbers(changes: AsyncGenerator[Revision, None], count: int) -> list[int]:
    """Return the numbers of the next revisions."""
    async with asyncio.timeout(_PATIENCE):
        return [(await anext(changes)).number for _ in range(count)]


@pytest.mark.parametrize("is_running", [True, False], ids=["from-the-feed", "from-the-store"])
async def test_every_revision_comes_once(cached: Cached, *, is_running: bool) -> None:
    """From the revision asked for on, of any kind, with a feed and without."""
    first = await cached.create("a")
    written = [(await cached.create(name)).mod_revision for name in "bcd"]
    cache = cached.cache if is_running else Cache(cached.store, b"/registry/", cached.editions)
    incarnation = cached.store.incarnation
    async with aclosing(
        cache.changes(after=first.mod_revision, incarnation=incarnation)
    ) as changes:
        assert await numbers(changes, 3) == written
        secret = await cached.store.create(b"/registry/secrets/default/s", b"")
        more = await cached.create("e")
        assert await numbers(changes, 2) == [secret.mod_revision, more.mod_revision]


async def test_a_reader_that_fell_behind_catches_up(
    cached: Cached, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the log has dropped meanwhile comes from the store."""
    monkeypatch.setattr(log, "_MOST_REVISIONS", 4)
    feed = Feed(cached.store, b"/registry/")
    async with running(feed.run()):
        assert await feed.begun(within=10)
        made = Changes(
            cached.store,
            feed,
            b"/registry/",
            after=feed.position,
            incarnation=cached.store.incarnation,
        )
        async with aclosing(made.revisions()) as changes:
            first = await cached.create("a")
            assert await numbers(changes, 1) == [first.mod_revision]
            written = [(await cached.create(f"b-{number}")).mod_revision for number in range(20)]
            assert await feed.is_newest(within=10)
            assert await numbers(changes, 20) == written


async def test_it_ends_when_the_store_has_gone_back(cached: Cached) -> None:
    """Another history is not the one that was asked for."""
    changes = cached.cache.changes(after=1, incarnation="another")
    async with aclosing(changes):
        with pytest.raises(errors.Expired):
            await anext(changes)
