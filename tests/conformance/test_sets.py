"""Sets: several writes and guards that hold or fail together."""

from __future__ import annotations

import asyncio
import random

import pytest

from protocube import errors
from protocube_server.storage import limits
from protocube_server.storage.base import (
    ConditionFailed,
    Done,
    Guard,
    GuardFailed,
    Put,
    Record,
    Refused,
    Remove,
    Set,
    SetDone,
    Store,
    Write,
)
from tests.conformance.watching import flat, take, watching

ATOMIC = pytest.mark.parametrize(
    "store",
    [
        "sqlite",
        pytest.param("etcd", marks=pytest.mark.etcd),
        pytest.param("etcd-newer", marks=pytest.mark.etcd),
    ],
    indirect=True,
)
"""The stores that can make several writes at once."""


def creating(prefix: bytes, *names: bytes, value: bytes = b"one") -> tuple[Put, ...]:
    """Return writes that create keys."""
    return tuple(Put(key=prefix + name, value=value, expected=0) for name in names)


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


@ATOMIC
async def test_the_largest_set(store: Store, prefix: bytes) -> None:
    """As many writes and guards as the limit allows; so do others of every kind beside it."""
    room = await store.create(prefix + b"room", b"open")
    half = limits.MAX_SET // 2
    guards = tuple(Guard(key=prefix + b"no%03d" % number, revision=0) for number in range(half))
    halves = creating(prefix, *(b"half%03d" % number for number in range(half)))
    names = [b"%03d" % number for number in range(limits.MAX_SET)]
    whole = creating(prefix, *names)
    results = await asyncio.gather(
        *(store.create(prefix + b"beside%03d" % number, b"one") for number in range(60)),
        store.apply(Set(writes=whole)),
        *(store.create(prefix + b"behind%03d" % number, b"one") for number in range(60)),
        store.apply(Set(writes=halves, guards=guards)),
        store.update(room.key, b"closed", expected=room.mod_revision),
    )
    assert all(isinstance(result, Record | SetDone) for result in results)
    done = await store.apply(Set(writes=tuple(Put(key=put.key, value=b"two") for put in whole)))
    assert {each.record.version for each in done.outcomes if each.record} == {2}
    refused = await store.write([Set(writes=whole)])
    assert isinstance(refused[0], Refused)
    assert refused[0].key == whole[0].key
    assert (await store.list(prefix)).count == 1 + 120 + limits.MAX_SET + half


@ATOMIC
async def test_sets_over_the_limits(store: Store, prefix: bytes) -> None:
    """Too many writes and guards, bytes or parts, a key twice, nothing to write: no set of it."""
    before = await store.revision()
    whole = creating(prefix, *(b"%03d" % number for number in range(limits.MAX_SET)))
    guard = Guard(key=prefix + b"guard", revision=0)
    with pytest.raises(errors.TooLarge, match="a set of 121 writes and guards"):
        await store.apply(Set(writes=whole, guards=(guard,)))
    with pytest.raises(errors.TooLarge, match="121 writes"):
        await store.write([Set(writes=whole), Put(key=prefix, value=b"")])
    guards = tuple(Guard(key=prefix + b"g%03d" % number, revision=0) for number in range(100))
    singles = creating(prefix, *(b"s%03d" % number for number in range(28)))
    with pytest.raises(errors.TooLarge, match="29 parts, the largest of 101"):
        await store.write([*singles, Set(writes=creating(prefix, b"a"), guards=guards)])
    half = b"x" * (limits.MAX_BYTES // 2)
    with pytest.raises(errors.TooLarge, match="bytes"):
        await store.apply(Set(writes=creating(prefix, b"a", b"b", value=half)))
    (put,) = creating(prefix, b"a")
    wrongs: tuple[list[Write], ...] = (
        [Set(writes=(put, Remove(key=put.key)))],
        [Set(writes=(put,)), put],
        [Set(writes=(put,), guards=(Guard(key=put.key, revision=0),))],
        [put, Set(writes=creating(prefix, b"b"), guards=(Guard(key=put.key, revision=0),))],
        [Set(writes=())],
    )
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"a batch (writes|guards)|a set has no"):
            await store.write(wrong)
    assert await store.revision() == before


@ATOMIC
async def test_a_set_that_is_too_large_fails_nobody_else(store: Store, prefix: bytes) -> None:
    """Those who write at the same time do not notice."""
    whole = creating(prefix, *(b"%03d" % number for number in range(limits.MAX_SET + 1)))
    results = await asyncio.gather(
        *(store.create(prefix + b"a%03d" % number, b"one") for number in range(100)),
        store.apply(Set(writes=whole)),
        *(store.create(prefix + b"b%03d" % number, b"one") for number in range(100)),
        return_exceptions=True,
    )
    assert isinstance(results.pop(100), errors.TooLarge)
    assert all(isinstance(result, Record) for result in results)


@ATOMIC
async def test_transfers_keep_the_sum(store: Store, prefix: bytes) -> None:
    """Many sets at once on keys that overlap: each happened before or after each other one.

    Accounts are drawn from and paid into under a guard on the bank, which is written after
    each tenth transfer. Every revision that a watcher sees has the same sum.
    """
    chance = random.Random(1)
    accounts = [prefix + b"account/%d" % number for number in range(8)]
    opened = [await store.create(key, b"100") for key in accounts]
    bank = await store.create(prefix + b"bank", b"0")
    transfers = 0

    async def transfer() -> None:
        nonlocal transfers
        while True:
            source, target = chance.sample(accounts, 2)
            rules, one, two = [await store.get(key) for key in (bank.key, source, target)]
            assert rules is not None
            assert one is not None
            assert two is not None
            amount = min(chance.randrange(1, 60), int(one.value))
            writes = tuple(
                Put(
                    key=record.key,
                    value=b"%d" % (int(record.value) + change),
                    expected=record.mod_revision,
                )
                for record, change in ((one, -amount), (two, amount))
            )
            guard = Guard(key=bank.key, revision=rules.mod_revision)
            try:
                await store.apply(Set(writes=writes, guards=(guard,)))
            except (ConditionFailed, GuardFailed):
                continue
            transfers += 1
            if transfers % 10 == 0:
                await store.write([Put(key=bank.key, value=b"%d" % transfers)])
            return

    async with watching(store, prefix + b"account/", after=bank.mod_revision) as watch:
        await asyncio.gather(*(transfer() for _ in range(100)))
        revisions = await take(watch, 2 * transfers)
    balances = {record.key: int(record.value) for record in opened}
    for revision in revisions:
        for event in revision.events:
            assert event.record is not None
            assert event.previous is not None
            assert int(event.previous.value) == balances[event.key]
            balances[event.key] = int(event.record.value)
        assert sum(balances.values()) == 800
    assert min(balances.values()) >= 0
    page = await store.list(prefix + b"account/")
    assert {record.key: int(record.value) for record in page.records} == balances


@ATOMIC
async def test_of_sets_that_want_the_same_key_one_happens(store: Store, prefix: bytes) -> None:
    """Each set also has a key of its own: only the winner's exists, whole."""
    results = await asyncio.gather(
        *(
            store.apply(
                Set(writes=creating(prefix, b"own/%d" % number, b"wanted", value=b"%d" % number))
            )
            for number in range(60)
        ),
        return_exceptions=True,
    )
    (winner,) = [result for result in results if isinstance(result, SetDone)]
    losers = [result for result in results if isinstance(result, ConditionFailed)]
    assert len(losers) == 59
    assert {loser.key for loser in losers} == {prefix + b"wanted"}
    wanted = winner.outcomes[1].record
    assert {loser.current for loser in losers} == {wanted}
    assert (await store.list(prefix)).records == tuple(each.record for each in winner.outcomes)


@ATOMIC
async def test_a_cancelled_set_happens_whole_or_not(store: Store, prefix: bytes) -> None:
    """Cancelling callers harms no other one, and leaves no half of a set."""
    tasks = [
        asyncio.ensure_future(
            store.apply(Set(writes=creating(prefix, b"%03d/a" % number, b"%03d/b" % number)))
        )
        for number in range(100)
    ]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, SetDone) for result in results[1::2])
    there = {record.key[len(prefix) :] for record in (await store.list(prefix)).records}
    for number in range(100):
        found = {name for name in (b"%03d/a" % number, b"%03d/b" % number) if name in there}
        assert len(found) in ({2} if number % 2 else {0, 2})


@pytest.mark.parametrize(
    "store", [pytest.param("etcd-singles", marks=pytest.mark.etcd)], indirect=True
)
async def test_a_server_that_cannot_says_so(store: Store, prefix: bytes) -> None:
    """Without nested transactions, several writes are refused by name and nothing happens."""
    with pytest.raises(errors.MethodNotSupported, match="it cannot make 2 writes that hold or"):
        await store.apply(Set(writes=creating(prefix, b"a", b"b")))
    assert (await store.list(prefix)).count == 0
    done = await store.apply(Set(writes=creating(prefix, b"a")))
    assert done.outcomes[0].record == await store.get(prefix + b"a")
