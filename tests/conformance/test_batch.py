"""Batches: one revision, one outcome a write, all or nothing towards readers."""

from __future__ import annotations

import asyncio

import pytest

from protocube import errors
from protocube_server.storage import limits
from protocube_server.storage.base import Done, Put, Refused, Remove, Store
from tests.conformance.watching import take, watching

# A server without nested transactions takes one write at a time, and says so.
pytestmark = pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)], indirect=True
)


async def test_each_write_has_its_own_condition(store: Store, prefix: bytes) -> None:
    """Some writes of a batch happen and some are refused, each by its own condition."""
    old = await store.create(prefix + b"old", b"one")
    gone = await store.create(prefix + b"gone", b"one")
    outcomes = await store.write(
        [
            Put(key=prefix + b"new", value=b"two", expected=0),
            Put(key=prefix + b"old", value=b"two", expected=0),
            Remove(key=prefix + b"gone", expected=gone.mod_revision),
            Remove(key=prefix + b"never", expected=7),
            Put(key=prefix + b"free", value=b"two"),
        ]
    )
    now = gone.mod_revision + 1
    new, free = await store.get(prefix + b"new"), await store.get(prefix + b"free")
    assert list(outcomes) == [
        Done(revision=now, record=new, previous=None),
        Refused(key=old.key, current=old),
        Done(revision=now, record=None, previous=gone),
        Refused(key=prefix + b"never", current=None),
        Done(revision=now, record=free, previous=None),
    ]
    assert new is not None
    assert free is not None
    assert await store.revision() == new.mod_revision == free.mod_revision == now


async def test_an_unconditional_put_overwrites(store: Store, prefix: bytes) -> None:
    """Without a condition a write replaces what is there and counts the version."""
    created = await store.create(prefix + b"a", b"one")
    (done,) = await store.write([Put(key=prefix + b"a", value=b"two")])
    assert isinstance(done, Done)
    assert done.record == await store.get(prefix + b"a")
    assert done.record is not None
    assert (done.record.version, done.record.create_revision) == (2, created.mod_revision)


async def test_a_batch_that_changes_nothing(store: Store, prefix: bytes) -> None:
    """Refusals and removals of nothing take no revision."""
    created = await store.create(prefix + b"a", b"one")
    outcomes = await store.write(
        [Put(key=prefix + b"a", value=b"two", expected=0), Remove(key=prefix + b"b")]
    )
    assert list(outcomes) == [
        Refused(key=created.key, current=created),
        Done(revision=created.mod_revision, record=None, previous=None),
    ]
    assert await store.revision() == created.mod_revision


async def test_an_empty_batch(store: Store, prefix: bytes) -> None:  # noqa: ARG001  # one signature for all
    """Nothing to write is no error."""
    assert list(await store.write([])) == []


async def test_watchers_see_a_batch_as_one_revision(store: Store, prefix: bytes) -> None:
    """All events of a batch come together, in the order of writing."""
    created = await store.create(prefix + b"b", b"one")
    async with watching(store, prefix, after=created.mod_revision) as watch:
        await store.write(
            [
                Put(key=prefix + b"z", value=b"two", expected=0),
                Put(key=prefix + b"b", value=b"two", expected=created.mod_revision),
                Put(key=prefix + b"a", value=b"two", expected=0),
            ]
        )
        (revision,) = await take(watch, 3)
    assert [event.key[len(prefix) :] for event in revision.events] == [b"z", b"b", b"a"]
    assert {event.revision for event in revision.events} == {revision.number}
    assert [event.previous for event in revision.events] == [None, created, None]


async def test_readers_never_see_half_a_batch(store: Store, prefix: bytes) -> None:
    """Two keys that are always written together are never seen apart."""
    keys = (prefix + b"a", prefix + b"b")
    rounds = 60
    torn: list[object] = []

    async def read(stop: asyncio.Event) -> int:
        reads = 0
        while not stop.is_set():
            values = {record.value for record in (await store.list(prefix)).records}
            reads += 1
            if len(values) > 1:
                torn.append(values)
        return reads

    stop = asyncio.Event()
    reading = asyncio.create_task(read(stop))
    for number in range(rounds):
        await store.write([Put(key=key, value=str(number).encode()) for key in keys])
    stop.set()
    assert await reading > 1
    assert not torn


async def test_the_largest_batch(store: Store, prefix: bytes) -> None:
    """As many writes as the limit allows are one revision."""
    batch = [
        Put(key=prefix + f"{number:03}".encode(), value=b"one", expected=0)
        for number in range(limits.MAX_WRITES)
    ]
    outcomes = await store.write(batch)
    assert len({outcome.revision for outcome in outcomes if isinstance(outcome, Done)}) == 1
    assert (await store.list(prefix)).count == limits.MAX_WRITES
    updates = [Put(key=write.key, value=b"two") for write in batch]
    assert all(isinstance(outcome, Done) for outcome in await store.write(updates))


async def test_batches_over_the_limits(store: Store, prefix: bytes) -> None:
    """Too many writes, too many bytes or a key twice: nothing is written."""
    before = await store.revision()
    many = [
        Put(key=prefix + str(number).encode(), value=b"") for number in range(limits.MAX_WRITES + 1)
    ]
    with pytest.raises(errors.TooLarge, match="121 writes"):
        await store.write(many)
    half = b"x" * (limits.MAX_BYTES // 2)
    with pytest.raises(errors.TooLarge, match="bytes"):
        await store.write([Put(key=prefix + name, value=half) for name in (b"a", b"b")])
    with pytest.raises(ValueError, match="twice"):
        await store.write([Put(key=prefix, value=b""), Remove(key=prefix)])
    assert await store.revision() == before


async def test_large_batches_side_by_side(store: Store, prefix: bytes) -> None:
    """Batches that do not fit into one transaction together all happen, each whole."""
    batches = [
        [
            Put(key=prefix + f"{batch}-{number}".encode(), value=b"x" * 9000, expected=0)
            for number in range(100)
        ]
        for batch in range(6)
    ]
    outcomes = await asyncio.gather(*(store.write(batch) for batch in batches))
    for each in outcomes:
        assert len({outcome.revision for outcome in each if isinstance(outcome, Done)}) == 1
    assert (await store.list(prefix)).count == 600
