"""Compaction: history goes, the newest state stays."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from tests.conformance.watching import PATIENCE, events_of, flat, take, watching

if TYPE_CHECKING:
    from protocube_server.storage.base import Record, Store


async def _history(store: Store, prefix: bytes) -> list[Record]:
    """Write one key five times."""
    records = [await store.create(prefix + b"a", b"0")]
    for number in range(1, 5):
        records.append(
            await store.update(
                prefix + b"a", str(number).encode(), expected=records[-1].mod_revision
            )
        )
    return records


async def test_states_before_it_are_gone(store: Store, prefix: bytes) -> None:
    """A list before the compacted revision is Expired; at it and after it, it is not."""
    records = await _history(store, prefix)
    await store.compact(records[2].mod_revision)
    with pytest.raises(errors.Expired, match="compacted"):
        await store.list(prefix, at=records[1].mod_revision)
    for record in records[2:]:
        assert (await store.list(prefix, at=record.mod_revision)).records == (record,)
    assert await store.get(prefix + b"a") == records[-1]


async def test_watches_from_before_it_are_expired(store: Store, prefix: bytes) -> None:
    """A watch behind a compacted revision is Expired, also behind the last one of them."""
    records = await _history(store, prefix)
    await store.compact(records[2].mod_revision)
    for record in records[:2]:
        async with watching(store, prefix, after=record.mod_revision) as watch:
            with pytest.raises(errors.Expired):
                async with asyncio.timeout(PATIENCE):
                    await anext(watch)


async def test_a_watch_from_the_compacted_revision(store: Store, prefix: bytes) -> None:
    """A watch behind the compacted revision itself misses nothing, previous states included."""
    records = await _history(store, prefix)
    await store.compact(records[2].mod_revision)
    events = await events_of(store, prefix, after=records[2].mod_revision, count=2)
    assert [(event.previous, event.record) for event in events] == [
        (records[2], records[3]),
        (records[3], records[4]),
    ]


async def test_a_live_watch_does_not_notice(store: Store, prefix: bytes) -> None:
    """A watch that is up to date goes on over a compaction."""
    after = await store.revision()
    async with watching(store, prefix, after=after) as watch:
        records = await _history(store, prefix)
        assert [event.record for event in flat(await take(watch, 5))] == records
        await store.compact(records[-1].mod_revision)
        created = await store.create(prefix + b"b", b"one")
        assert [event.record for event in flat(await take(watch, 1))] == [created]


async def test_deleted_keys_go(store: Store, prefix: bytes) -> None:
    """A key that was deleted before the compaction is in no state from there on."""
    await store.create(prefix + b"a", b"one")
    kept = await store.create(prefix + b"b", b"one")
    gone = await store.delete(prefix + b"a")
    again = await store.create(prefix + b"c", b"one")
    await store.compact(gone.revision)
    assert (await store.list(prefix, at=gone.revision)).records == (kept,)
    assert (await store.list(prefix)).records == (kept, again)
    assert (await store.create(prefix + b"a", b"two")).version == 1


async def test_the_revision_does_not_fall_back(store: Store, prefix: bytes) -> None:
    """After everything was deleted and compacted, revisions still only grow."""
    await store.create(prefix + b"a", b"one")
    gone = await store.delete(prefix + b"a")
    await store.compact(gone.revision)
    assert await store.revision() == gone.revision
    assert (await store.create(prefix + b"a", b"one")).mod_revision == gone.revision + 1


async def test_compacting_again(store: Store, prefix: bytes) -> None:
    """Compacting at the same revision or an older one is harmless."""
    records = await _history(store, prefix)
    for index in (2, 2, 1):
        await store.compact(records[index].mod_revision)
    assert (await store.list(prefix, at=records[2].mod_revision)).records == (records[2],)


async def test_compacting_the_future(store: Store, prefix: bytes) -> None:
    """A revision that does not exist yet cannot be compacted."""
    records = await _history(store, prefix)
    with pytest.raises(errors.Timeout, match="future"):
        await store.compact(records[-1].mod_revision + 1)
    assert (await store.list(prefix, at=records[0].mod_revision)).records == (records[0],)


async def test_a_long_history(store: Store, prefix: bytes) -> None:
    """Compaction of thousands of revisions leaves just the newest state, under writes."""
    count = 3000
    await asyncio.gather(
        *(store.create(prefix + str(number).encode(), b"one") for number in range(count))
    )
    for number in range(0, count, 3):
        await store.delete(prefix + str(number).encode())
    page = await store.list(prefix)
    _, created = await asyncio.gather(
        store.compact(page.revision), store.create(prefix + b"more", b"one")
    )
    assert (await store.list(prefix, at=page.revision)).records == page.records
    assert set((await store.list(prefix)).records) == {*page.records, created}
