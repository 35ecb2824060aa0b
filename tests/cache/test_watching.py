"""Watches through the cache: each revision once, from wherever it can be had."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.core.v1 import config_map_service_pb2 as services
from protocube_server.cache import Selection, log

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.cache.conftest import Cached

_PATIENCE = 20.0


def _watch(
    cached: Cached, after: int, *, labels: str = "", progress: float | None = None
) -> AsyncGenerator[bytes, None]:
    selection = Selection(cached.kind, namespace="default", labels=labels)
    incarnation = cached.store.incarnation
    return cached.cache.watch(selection, after=after, incarnation=incarnation, progress=progress)


async def _names(watch: AsyncGenerator[bytes, None], count: int) -> list[str]:
    """Return the names in the next ``count`` events."""
    found: list[str] = []
    async with asyncio.timeout(_PATIENCE):
        while len(found) < count:
            response = services.ConfigMapWatchResponse.FromString(await anext(watch))
            found += [event.object.metadata.name for event in response.events]
    return found


async def _create(cached: Cached, first: int, last: int) -> list[str]:
    names = [f"n{number:04}" for number in range(first, last)]
    for name in names:
        await cached.create(name)
    return names


async def test_from_before_the_feed_to_after_it(cached: Cached) -> None:
    """What lies before the feed began comes from the store, what follows from the log."""
    begin = await cached.store.revision()
    old = await _create(cached, 0, 20)
    await cached.loaded()
    async with aclosing(_watch(cached, begin)) as watch:
        new = await _create(cached, 20, 60)
        assert await _names(watch, 60) == old + new


async def test_many_writers_and_watchers(cached: Cached) -> None:
    """Watchers that begin at any time see everything behind their beginning, once, in order."""
    begin = await cached.store.revision()
    records = asyncio.Queue[int]()

    async def write(part: int) -> None:
        for number in range(50):
            records.put_nowait((await cached.create(f"w{part}-{number:02}")).mod_revision)

    async def follow(after: int, expected: int) -> list[str]:
        async with aclosing(_watch(cached, after)) as watch:
            return await _names(watch, expected)

    writing = asyncio.gather(*(write(part) for part in range(6)))
    early = asyncio.gather(*(follow(begin, 300) for _ in range(5)))
    middle = await records.get()
    await writing
    everything = await early
    late = await asyncio.gather(*(follow(begin, 300) for _ in range(5)))
    assert all(sorted(names) == sorted(everything[0]) for names in (*everything, *late))
    assert all(names == everything[0] for names in (*everything, *late))
    assert len(set(everything[0])) == 300
    assert (await follow(middle, 300 - 1))[-10:] == everything[0][-10:]


async def test_a_reader_that_lags_gets_all_at_once(cached: Cached) -> None:
    """What it missed comes in one response, however many revisions that is."""
    await cached.loaded()
    begin = await cached.store.revision()
    async with aclosing(_watch(cached, begin)) as watch:
        await cached.create("first")
        assert await _names(watch, 1) == ["first"]
        names = await _create(cached, 0, 100)
        await cached.loaded()
        response = services.ConfigMapWatchResponse.FromString(await anext(watch))
        assert [event.object.metadata.name for event in response.events] == names


async def test_a_reader_that_lags_too_far_loses_nothing(
    cached: Cached, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One whose place in the log was dropped catches up from the store, and goes on."""
    monkeypatch.setattr(log, "_MOST_REVISIONS", 5)
    await cached.loaded()
    begin = await cached.store.revision()
    async with aclosing(_watch(cached, begin)) as watch:
        await cached.create("first")
        assert await _names(watch, 1) == ["first"]
        names = await _create(cached, 0, 100)
        assert await _names(watch, 100) == names
        names = await _create(cached, 100, 103)
        assert await _names(watch, 3) == names


async def test_a_reader_that_lags_behind_a_compaction_is_told(
    cached: Cached, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What neither the log nor the store has is Expired, never skipped."""
    monkeypatch.setattr(log, "_MOST_REVISIONS", 5)
    await cached.loaded()
    begin = await cached.store.revision()
    async with aclosing(_watch(cached, begin)) as watch:
        await cached.create("first")
        assert await _names(watch, 1) == ["first"]
        await _create(cached, 0, 100)
        await cached.store.compact(await cached.store.revision())
        with pytest.raises(errors.Expired):
            await _names(watch, 1)


async def test_a_selection_sees_objects_come_and_go(cached: Cached) -> None:
    """With a selector, gaining the label is ADDED and losing it is DELETED."""
    begin = await cached.store.revision()
    async with aclosing(_watch(cached, begin, labels="label=x")) as watch:
        record = await cached.create("a", label="y")
        record = await cached.update(record, "a", "1", label="x")
        record = await cached.update(record, "a", "2", label="x")
        await cached.update(record, "a", "3", label="y")
        seen: list[tuple[int, str]] = []
        async with asyncio.timeout(_PATIENCE):
            while len(seen) < 3:
                response = services.ConfigMapWatchResponse.FromString(await anext(watch))
                seen += [(event.type, event.object.data["text"]) for event in response.events]
    assert seen == [(1, "1"), (2, "2"), (3, "2")]


async def test_marks_move_on_beside_what_is_not_selected(cached: Cached) -> None:
    """Events that a watch does not select still move its version on, while they keep coming."""
    begin = await cached.store.revision()
    async with aclosing(_watch(cached, begin, labels="label=x", progress=0.0)) as watch:
        last = (await cached.create("a")).mod_revision
        async with asyncio.timeout(_PATIENCE):
            while True:
                response = services.ConfigMapWatchResponse.FromString(await anext(watch))
                assert response.progress
                assert not response.events
                if int(response.resource_version) >= last:
                    break


async def test_a_mark_tells_of_what_was_read_with_an_event_and_not_selected(
    cached: Cached,
) -> None:
    """A change that is not selected moves the reader on though an event before it was sent last."""
    await cached.loaded()
    begin = await cached.store.revision()
    selected = await cached.create("selected", label="x")
    last = await cached.create("other", label="y")
    await cached.loaded()
    async with (
        asyncio.timeout(_PATIENCE),
        aclosing(_watch(cached, begin, labels="label=x", progress=0.0)) as watch,
    ):
        response = services.ConfigMapWatchResponse.FromString(await anext(watch))
        assert response.resource_version == str(selected.mod_revision)
        response = services.ConfigMapWatchResponse.FromString(await anext(watch))
        assert response.progress
        assert response.resource_version == str(last.mod_revision)


async def test_a_watch_from_what_the_log_has_not_seen_yet(cached: Cached) -> None:
    """A watch may begin behind a revision that the feed is still to see: it is not repeated."""
    await cached.loaded()
    after = (await cached.create("a")).mod_revision
    async with aclosing(_watch(cached, after)) as watch:
        await cached.create("b")
        assert await _names(watch, 1) == ["b"]


async def test_the_end_of_the_store_ends_the_watch(cached: Cached) -> None:
    """When the store is closed under it, a watch says so."""
    begin = await cached.store.revision()
    async with aclosing(_watch(cached, begin)) as watch:
        await cached.create("a")
        assert await _names(watch, 1) == ["a"]
        await cached.store.close()
        with pytest.raises(errors.Unavailable):
            async with asyncio.timeout(_PATIENCE):
                await anext(watch)
