"""Watches: every revision once, whole, in order."""

from __future__ import annotations

import asyncio

import pytest

from protocube_server.storage.base import Event, Put, Revision, Store
from protocube_server.storage.etcd import EtcdStore
from tests.conformance.watching import PATIENCE, events_of, flat, take, watching


async def test_the_three_kinds_of_events(store: Store, prefix: bytes) -> None:
    """A creation has no previous state, a change has both, a deletion has only that."""
    after = await store.revision()
    async with watching(store, prefix, after=after) as watch:
        created = await store.create(prefix + b"a", b"one")
        updated = await store.update(prefix + b"a", b"two", expected=created.mod_revision)
        gone = await store.delete(prefix + b"a")
        revisions = await take(watch, 3)
    key = prefix + b"a"
    assert flat(revisions) == [
        Event(key=key, revision=created.mod_revision, record=created, previous=None),
        Event(key=key, revision=updated.mod_revision, record=updated, previous=created),
        Event(key=key, revision=gone.revision, record=None, previous=updated),
    ]
    assert [revision.number for revision in revisions] == [after + 1, after + 2, after + 3]


async def test_a_watch_of_the_past(store: Store, prefix: bytes) -> None:
    """A watch from an old revision gives what happened since, as if it had been there."""
    after = await store.revision()
    created = await store.create(prefix + b"a", b"one")
    updated = await store.update(prefix + b"a", b"two", expected=created.mod_revision)
    await store.delete(prefix + b"a")
    await store.create(prefix + b"b", b"one")
    events = await events_of(store, prefix, after=after, count=4)
    assert [(event.key[-1:], event.record is None, event.previous) for event in events] == [
        (b"a", False, None),
        (b"a", False, created),
        (b"a", True, updated),
        (b"b", False, None),
    ]


@pytest.mark.parametrize("skipped", range(4))
async def test_a_watch_begins_behind_its_revision(
    store: Store, prefix: bytes, skipped: int
) -> None:
    """Resuming behind the nth event gives the event after it, none twice."""
    written = [await store.create(prefix + name, b"one") for name in (b"a", b"b", b"c", b"d")]
    after = written[skipped - 1].mod_revision if skipped else written[0].mod_revision - 1
    events = await events_of(store, prefix, after=after, count=4 - skipped)
    assert [event.record for event in events] == written[skipped:]


async def test_other_keys_are_not_watched(store: Store, prefix: bytes) -> None:
    """A watch gives nothing of keys outside its prefix, however close their names."""
    after = await store.revision()
    async with watching(store, prefix + b"a/", after=after) as watch:
        for name in (b"a", b"ab/x", b"b/x", b"a.x", b"a0", b"a/x"):
            await store.create(prefix + name, b"one")
        (revision,) = await take(watch, 1)
    assert [event.key for event in revision.events] == [prefix + b"a/x"]


async def test_a_gap_of_other_keys(store: Store, prefix: bytes) -> None:
    """A watch goes on over revisions that do not concern it."""
    after = await store.revision()
    async with watching(store, prefix + b"a/", after=after) as watch:
        first = await store.create(prefix + b"a/1", b"one")
        for number in range(20):
            await store.create(prefix + f"b/{number}".encode(), b"one")
        second = await store.create(prefix + b"a/2", b"one")
        revisions = await take(watch, 2)
    assert [revision.number for revision in revisions] == [
        first.mod_revision,
        second.mod_revision,
    ]


async def test_a_watch_from_the_future(store: Store, prefix: bytes) -> None:
    """A watch behind a revision that does not exist yet gives only what is behind it."""
    now = await store.revision()
    async with watching(store, prefix, after=now + 2) as watch:
        names = (b"a", b"b", b"c", b"d")
        first = asyncio.ensure_future(take(watch, 2))
        written = [await store.create(prefix + name, b"one") for name in names]
        assert [event.record for event in flat(await first)] == written[2:]


async def test_two_watchers_see_the_same(store: Store, prefix: bytes) -> None:
    """Each watcher has everything, one that starts later and one of a part too."""
    after = await store.revision()
    async with (
        watching(store, prefix, after=after) as whole,
        watching(store, prefix + b"a/", after=after) as part,
    ):
        for number in range(30):
            await store.create(prefix + b"ab"[number % 2 :][:1] + f"/{number}".encode(), b"one")
        everything = flat(await take(whole, 30))
        some = flat(await take(part, 15))
        late = await events_of(store, prefix, after=after, count=30)
    assert everything == late
    assert some == [event for event in everything if event.key.startswith(prefix + b"a/")]


async def test_a_watcher_that_lags_loses_nothing(store: Store, prefix: bytes) -> None:
    """A watcher that stops reading gets everything, in order, once it reads again."""
    after = await store.revision()
    count = 2500
    async with watching(store, prefix, after=after) as watch:
        await store.create(prefix + b"first", b"one")
        await take(watch, 1)
        await asyncio.gather(
            *(store.create(prefix + str(number).encode(), b"one") for number in range(count))
        )
        revisions = await take(watch, count)
    numbers = [revision.number for revision in revisions]
    assert numbers == sorted(set(numbers))
    keys = [event.key for event in flat(revisions)]
    assert len(keys) == len(set(keys)) == count


async def test_a_blocked_watcher_blocks_nobody(store: Store, prefix: bytes) -> None:
    """While one watcher reads nothing, writes go on and another watcher sees them."""
    after = await store.revision()
    async with (
        watching(store, prefix, after=after) as blocked,
        watching(store, prefix, after=after) as other,
    ):
        await store.create(prefix + b"a", b"one")
        await take(blocked, 1)
        for number in range(50):
            await store.create(prefix + str(number).encode(), b"x" * 1000)
        assert len(flat(await take(other, 51))) == 51


async def test_large_values_in_a_long_history(store: Store, prefix: bytes) -> None:
    """A watch that catches up on much more than one message holds gets it all."""
    after = await store.revision()
    values = [bytes([65 + number]) * 1_000_000 for number in range(12)]
    for number, value in enumerate(values):
        await store.create(prefix + f"{number:02}".encode(), value)
    events = await events_of(store, prefix, after=after, count=12)
    assert [event.record.value for event in events if event.record] == values


async def test_a_watch_can_be_cancelled(store: Store, prefix: bytes) -> None:
    """Cancelling the reader of a quiet watch ends it at once, and others go on."""
    after = await store.revision()
    async with watching(store, prefix, after=after) as other:
        async with watching(store, prefix, after=after) as watch:
            reader = asyncio.ensure_future(take(watch, 1))
            await store.create(prefix + b"a", b"one")
            await reader
            reader = asyncio.ensure_future(take(watch, 1))
            await asyncio.sleep(0)
            reader.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reader
        await store.create(prefix + b"b", b"one")
        assert len(flat(await take(other, 2))) == 2


async def test_a_watch_that_is_never_read(store: Store, prefix: bytes) -> None:
    """A watch that was asked for and dropped leaves nothing behind."""
    watch = store.watch(prefix, after=await store.revision())
    await watch.aclose()
    await store.create(prefix + b"a", b"one")


async def test_progress_marks(store: Store, prefix: bytes) -> None:
    """A watch without events of its own learns how far the store is."""
    if isinstance(store, EtcdStore) and store._follower.progress_interval is None:
        pytest.skip("the progress marks of this version of etcd cannot be trusted")
    after = await store.revision()
    async with watching(store, prefix + b"a/", after=after, progress=True) as watch:
        async with asyncio.timeout(PATIENCE):
            assert await anext(watch) == Revision(number=after, events=())
        elsewhere = await store.create(prefix + b"b/x", b"one")
        async with asyncio.timeout(PATIENCE):
            while (mark := await anext(watch)).number < elsewhere.mod_revision:
                assert not mark.events
        assert mark == Revision(number=elsewhere.mod_revision, events=())
        created = await store.create(prefix + b"a/x", b"one")
        (revision,) = await take(watch, 1)
        assert revision.events[0].record == created


async def test_a_mark_never_overtakes_an_event(store: Store, prefix: bytes) -> None:
    """Under writes, whatever is given after a mark is newer than the mark."""
    position = await store.revision()
    count = 400
    async with watching(store, prefix, after=position, progress=True) as watch:
        writing = asyncio.gather(
            *(store.create(prefix + str(number).encode(), b"one") for number in range(count))
        )
        seen = 0
        async with asyncio.timeout(PATIENCE):
            while seen < count:
                revision = await anext(watch)
                assert revision.number > position or not revision.events
                assert revision.number >= position
                position = revision.number
                seen += len(revision.events)
        await writing


async def test_no_marks_unless_asked_for(store: Store, prefix: bytes) -> None:
    """A watch that did not ask for progress gives revisions with events only."""
    after = await store.revision()
    async with watching(store, prefix + b"a/", after=after) as watch:
        first = asyncio.ensure_future(anext(watch))
        for number in range(10):
            await store.create(prefix + f"b/{number}".encode(), b"one")
        await store.create(prefix + b"a/x", b"one")
        assert (await first).events


@pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)], indirect=True
)
async def test_a_revision_larger_than_a_message(store: Store, prefix: bytes) -> None:
    """A revision whose events and previous states are over any message limit stays whole."""
    keys = [prefix + f"{number:02}".encode() for number in range(100)]
    after = (await store.write([Put(key=key, value=b"a" * 14_000) for key in keys]))[0]
    await store.write([Put(key=key, value=b"b" * 14_000) for key in keys])
    assert after is not None
    start = (await store.list(prefix)).revision - 2
    async with watching(store, prefix, after=start) as watch:
        revisions = await take(watch, 200)
    assert [len(revision.events) for revision in revisions] == [100, 100]
