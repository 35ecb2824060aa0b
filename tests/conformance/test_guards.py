"""Guards: conditions on a key that the write itself does not touch."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

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
)

if TYPE_CHECKING:
    from protocube_server.storage.base import Store


async def test_a_guard_that_holds(store: Store, prefix: bytes) -> None:
    """A create whose guard holds happens, and leaves the guard's key alone."""
    room = await store.create(prefix + b"room", b"open")
    guard = Guard(key=room.key, revision=room.mod_revision)
    record = await store.create(prefix + b"room/a", b"one", guard=guard)
    assert await store.get(record.key) == record
    assert await store.get(room.key) == room


async def test_a_guard_that_does_not_hold(store: Store, prefix: bytes) -> None:
    """A changed, a deleted and a missing guard each refuse the create; nothing is written."""
    room = await store.create(prefix + b"room", b"open")
    guard = Guard(key=room.key, revision=room.mod_revision)
    changed = await store.update(room.key, b"closed", expected=room.mod_revision)
    with pytest.raises(GuardFailed) as refused:
        await store.create(prefix + b"room/a", b"one", guard=guard)
    assert (refused.value.key, refused.value.current) == (room.key, changed)
    await store.delete(room.key, expected=changed.mod_revision)
    for key in (room.key, prefix + b"never"):
        with pytest.raises(GuardFailed) as refused:
            await store.create(
                prefix + b"room/a", b"one", guard=Guard(key=key, revision=changed.mod_revision)
            )
        assert (refused.value.key, refused.value.current) == (key, None)
    assert await store.get(prefix + b"room/a") is None


async def test_the_own_condition_comes_first(store: Store, prefix: bytes) -> None:
    """Where both conditions fail, the refusal is about the key itself."""
    there = await store.create(prefix + b"a", b"one")
    with pytest.raises(ConditionFailed) as refused:
        await store.create(there.key, b"two", guard=Guard(key=prefix + b"never", revision=1))
    assert refused.value.current is None or refused.value.current == there


async def test_a_guard_of_absence(store: Store, prefix: bytes) -> None:
    """A guard of revision 0 holds while its key does not exist, and not before or after."""
    absent = Guard(key=prefix + b"closed", revision=0)
    closed = await store.create(absent.key, b"")
    with pytest.raises(GuardFailed) as refused:
        await store.create(prefix + b"a", b"one", guard=absent)
    assert (refused.value.key, refused.value.current) == (closed.key, closed)
    await store.delete(closed.key, expected=closed.mod_revision)
    record = await store.create(prefix + b"a", b"one", guard=absent)
    assert await store.get(prefix + b"a") == record
    assert await store.get(absent.key) is None


async def test_an_update_and_a_removal_under_guards(store: Store, prefix: bytes) -> None:
    """Guards stand beside any condition of one write, several of them, too."""
    room = await store.create(prefix + b"room", b"open")
    created = await store.create(prefix + b"a", b"one")
    guards = (
        Guard(key=room.key, revision=room.mod_revision),
        Guard(key=prefix + b"never", revision=0),
    )
    broken = (*guards, Guard(key=prefix + b"never", revision=7))
    put = Put(key=created.key, value=b"two", expected=created.mod_revision)
    with pytest.raises(GuardFailed) as refused:
        await store.apply(Set(writes=(put,), guards=broken))
    assert (refused.value.key, refused.value.current) == (prefix + b"never", None)
    done = await store.apply(Set(writes=(put,), guards=guards))
    updated = await store.get(created.key)
    assert updated is not None
    assert done.outcomes[0].record == updated
    assert (updated.value, updated.create_revision) == (b"two", created.mod_revision)
    remove = Remove(key=created.key, expected=updated.mod_revision)
    with pytest.raises(GuardFailed):
        await store.apply(Set(writes=(remove,), guards=broken))
    done = await store.apply(Set(writes=(remove,), guards=guards))
    assert done.outcomes[0].previous == updated
    assert await store.get(created.key) is None


@pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)], indirect=True
)
async def test_a_batch_is_refused_write_by_write(store: Store, prefix: bytes) -> None:
    """A guard concerns its own write and no other one of the batch."""
    room = await store.create(prefix + b"room", b"open")
    other = await store.create(prefix + b"other", b"open")
    held = Guard(key=room.key, revision=room.mod_revision)
    broken = Guard(key=room.key, revision=room.mod_revision - 1)
    first, second, third = await store.write(
        [
            Set(writes=(Put(key=prefix + b"a", value=b"one", expected=0),), guards=(held,)),
            Set(writes=(Put(key=prefix + b"b", value=b"one", expected=0),), guards=(broken,)),
            Put(key=other.key, value=b"open", expected=1),
        ]
    )
    assert isinstance(first, SetDone)
    assert second == Refused(key=room.key, current=room, by_guard=True)
    assert third == Refused(key=other.key, current=other)


@pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)], indirect=True
)
async def test_no_guarded_write_slips_past_a_change(store: Store, prefix: bytes) -> None:
    """Among writers at once, what is guarded by a key is written before that key changes."""
    for round_ in range(10):
        room = await store.create(prefix + b"room%d" % round_, b"open")
        guard = Guard(key=room.key, revision=room.mod_revision)
        writes = [
            store.create(prefix + b"%d/%03d" % (round_, number), b"one", guard=guard)
            for number in range(60)
        ]
        closing = store.update(room.key, b"closed", expected=room.mod_revision)
        results = await asyncio.gather(*writes[:30], closing, *writes[30:], return_exceptions=True)
        closed = results[30]
        assert not isinstance(closed, BaseException), closed
        for result in (*results[:30], *results[31:]):
            if isinstance(result, BaseException):
                assert isinstance(result, GuardFailed), result
            else:
                assert result.mod_revision < closed.mod_revision


@pytest.mark.parametrize("change", ["update", "removal", "set", "creation"])
@pytest.mark.parametrize("is_first", [True, False], ids=["change-first", "change-last"])
@pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)], indirect=True
)
async def test_a_change_is_not_in_one_transaction_with_what_it_guards(
    store: Store, prefix: bytes, change: str, *, is_first: bool
) -> None:
    """Of writes that wait together one is before the other: the later one sees that.

    What a transaction looks at is all before what it writes, so a create behind the removal of
    its guard's key would pass in one with it.
    """
    for round_ in range(20):
        key = prefix + b"room%d" % round_
        revision = 0
        if change != "creation":
            revision = (await store.create(key, b"open")).mod_revision
        guard = Guard(key=key, revision=revision)
        puts: dict[str, Put | Remove] = {
            "update": Put(key=key, value=b"closed", expected=revision),
            "creation": Put(key=key, value=b"closed", expected=0),
            "removal": Remove(key=key, expected=revision),
        }
        closing = puts.get(change)
        beside = Put(key=prefix + b"beside%d" % round_, value=b"", expected=0)
        closes = closing or Set(writes=(puts["removal"], beside))
        # The first one keeps the store busy, so that the others wait for it together.
        busy = store.create(prefix + b"busy%d" % round_, b"x" * 100_000)
        guarded = [
            store.create(prefix + b"%d/%d" % (round_, number), b"one", guard=guard)
            for number in range(3)
        ]
        changing = store.write((closes,))
        order = [changing, *guarded] if is_first else [*guarded, changing]
        results: list[Any] = await asyncio.gather(busy, *order, return_exceptions=True)
        (outcome,) = results[1] if is_first else results[-1]
        assert isinstance(outcome, Done | SetDone), outcome
        for result in results[2:] if is_first else results[1:-1]:
            if isinstance(result, BaseException):
                assert isinstance(result, GuardFailed), result
                continue
            at = result.mod_revision
            assert at < outcome.revision, f"written at {at}, behind what it was guarded by"
