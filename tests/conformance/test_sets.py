"""Sets: several writes and guards that hold or fail together."""

from __future__ import annotations

import pytest

from protocube import errors
from protocube_server.storage.base import (
    ConditionFailed,
    Done,
    Guard,
    GuardFailed,
    Put,
    Refused,
    Remove,
    Set,
    SetDone,
    Store,
    Write,
)
from tests import kine_process
from tests.conformance.sets import ATOMIC, creating
from tests.conformance.watching import flat, take, watching


@ATOMIC
async def test_all_hold(store: Store, prefix: bytes) -> None:
    """A create, an update, a removal and a free write happen at one revision, an outcome each."""
    changed = await store.create(prefix + b"changed", b"one")
    gone = await store.create(prefix + b"gone", b"one")
    free = await store.create(prefix + b"free", b"one")
    room = await store.create(prefix + b"room", b"open")
    together = Set(
        writes=(
            Put(key=prefix + b"new", value=b"two", expected=0),
            Put(key=changed.key, value=b"two", expected=changed.mod_revision),
            Remove(key=gone.key, expected=gone.mod_revision),
            Put(key=free.key, value=b"two"),
            Put(key=prefix + b"free too", value=b"two"),
            Remove(key=prefix + b"never"),
        ),
        guards=(
            Guard(key=room.key, revision=room.mod_revision),
            Guard(key=prefix + b"closed", revision=0),
        ),
    )
    done = await store.apply(together)
    now = room.mod_revision + 1
    assert done.revision == await store.revision() == now
    keys = [prefix + name for name in (b"new", b"changed", b"free", b"free too")]
    new, two, free_two, too = [await store.get(key) for key in keys]
    assert [outcome.record for outcome in done.outcomes] == [new, two, None, free_two, too, None]
    assert [outcome.revision for outcome in done.outcomes[:5]] == [now] * 5
    assert done.outcomes[2].previous == gone
    assert done.outcomes[5].previous is None
    assert new is not None
    assert two is not None
    assert (new.mod_revision, new.version) == (now, 1)
    assert (two.create_revision, two.mod_revision, two.version) == (changed.mod_revision, now, 2)
    assert await store.get(gone.key) is None
    assert await store.get(room.key) == room


@ATOMIC
async def test_one_condition_that_does_not_hold(store: Store, prefix: bytes) -> None:
    """Nothing of the set is written or watched; what stands in the way is named and given."""
    there = await store.create(prefix + b"b", b"one")
    before = await store.revision()
    new = creating(prefix, b"a", b"c")
    for write in (
        Put(key=there.key, value=b"two", expected=0),
        Put(key=there.key, value=b"two", expected=there.mod_revision - 1),
        Remove(key=there.key, expected=there.mod_revision - 1),
    ):
        with pytest.raises(ConditionFailed) as refused:
            await store.apply(Set(writes=(new[0], write, new[1])))
        assert (refused.value.key, refused.value.current) == (there.key, there)
    with pytest.raises(ConditionFailed) as refused:
        await store.apply(Set(writes=(*new, Remove(key=prefix + b"never", expected=7))))
    assert (refused.value.key, refused.value.current) == (prefix + b"never", None)
    assert (await store.list(prefix)).records == (there,)
    assert await store.revision() == before
    async with watching(store, prefix, after=before) as watch:
        after = await store.create(prefix + b"after", b"one")
        assert [event.key for event in flat(await take(watch, 1))] == [after.key]


@ATOMIC
async def test_one_guard_that_does_not_hold(store: Store, prefix: bytes) -> None:
    """Nothing of the set is written; the guard's key is named and what was found there given."""
    room = await store.create(prefix + b"room", b"open")
    held = Guard(key=room.key, revision=room.mod_revision)
    writes = creating(prefix, b"a", b"b")
    for guard, current in (
        (Guard(key=room.key, revision=room.mod_revision - 1), room),
        (Guard(key=room.key, revision=0), room),
        (Guard(key=prefix + b"never", revision=7), None),
    ):
        with pytest.raises(GuardFailed) as refused:
            await store.apply(Set(writes=writes, guards=(held, guard)))
        assert (refused.value.key, refused.value.current) == (guard.key, current)
    assert (await store.list(prefix)).records == (room,)
    assert await store.revision() == room.mod_revision


@ATOMIC
async def test_the_first_condition_is_named(store: Store, prefix: bytes) -> None:
    """Of several that do not hold: the writes' own in their order, then the guards'."""
    one, two = [await store.create(prefix + name, b"one") for name in (b"one", b"two")]
    guards = tuple(Guard(key=prefix + name, revision=1) for name in (b"g", b"f"))
    taken = creating(prefix, b"two", b"one")
    free = creating(prefix, b"a", b"b")
    for writes, named in (
        ((*free, *taken), Refused(key=two.key, current=two)),
        ((*free, taken[1], taken[0]), Refused(key=one.key, current=one)),
        (free, Refused(key=prefix + b"g", current=None, by_guard=True)),
    ):
        assert list(await store.write([Set(writes=writes, guards=guards)])) == [named]


@ATOMIC
async def test_watchers_see_a_set_as_one_revision(store: Store, prefix: bytes) -> None:
    """The events of a set come together, in the order of its writes."""
    gone = await store.create(prefix + b"m", b"one")
    async with watching(store, prefix, after=gone.mod_revision) as watch:
        done = await store.apply(
            Set(
                writes=(
                    *creating(prefix, b"z"),
                    Remove(key=gone.key, expected=gone.mod_revision),
                    *creating(prefix, b"a"),
                )
            )
        )
        (revision,) = await take(watch, 3)
    assert revision.number == done.revision
    assert [event.key[len(prefix) :] for event in revision.events] == [b"z", b"m", b"a"]
    assert [event.record for event in revision.events] == [each.record for each in done.outcomes]
    assert revision.events[1].previous == gone


@ATOMIC
async def test_a_set_that_changes_nothing(store: Store, prefix: bytes) -> None:
    """To remove what does not exist, under a guard that holds, takes no revision."""
    before = await store.revision()
    done = await store.apply(
        Set(
            writes=(Remove(key=prefix + b"a"), Remove(key=prefix + b"b")),
            guards=(Guard(key=prefix + b"c", revision=0),),
        )
    )
    assert done.revision == await store.revision() == before
    assert [each.previous for each in done.outcomes] == [None, None]


@ATOMIC
async def test_sets_and_single_writes_in_one_batch(store: Store, prefix: bytes) -> None:
    """One revision for all; a set that is refused is so as a whole, and touches no other part."""
    there = await store.create(prefix + b"there", b"one")
    held = Guard(key=there.key, revision=there.mod_revision)
    batch: list[Write] = [
        Put(key=prefix + b"single", value=b"two", expected=0),
        Set(writes=creating(prefix, b"a", b"b"), guards=(held,)),
        Set(writes=creating(prefix, b"c", b"d"), guards=(Guard(key=there.key, revision=0),)),
        Remove(key=prefix + b"never", expected=7),
        Set(writes=creating(prefix, b"e")),
    ]
    single, first, second, removal, last = await store.write(batch)
    now = there.mod_revision + 1
    assert isinstance(single, Done)
    assert isinstance(first, SetDone)
    assert isinstance(last, SetDone)
    assert [single.revision, first.revision, last.revision] == [now] * 3
    assert second == Refused(key=there.key, current=there, by_guard=True)
    assert removal == Refused(key=prefix + b"never", current=None)
    page = await store.list(prefix)
    names = [record.key[len(prefix) :] for record in page.records]
    assert names == [b"a", b"b", b"e", b"single", b"there"]
    assert await store.revision() == now


@pytest.mark.parametrize(
    "store",
    [
        pytest.param("etcd-singles", marks=pytest.mark.etcd),
        *([pytest.param("kine", marks=pytest.mark.kine)] if kine_process.PROGRAM else []),
    ],
    indirect=True,
)
async def test_a_server_that_cannot_says_so(store: Store, prefix: bytes) -> None:
    """Without nested transactions, several writes are refused by name and nothing happens."""
    with pytest.raises(errors.MethodNotSupported, match="it cannot make 2 writes that hold or"):
        await store.apply(Set(writes=creating(prefix, b"a", b"b")))
    assert (await store.list(prefix)).count == 0
    done = await store.apply(Set(writes=creating(prefix, b"a")))
    assert done.outcomes[0].record == await store.get(prefix + b"a")
