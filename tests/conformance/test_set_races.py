"""Many sets at once."""

from __future__ import annotations

import asyncio
import random

from protocube_server.storage.base import (
    ConditionFailed,
    Guard,
    GuardFailed,
    Put,
    Set,
    SetDone,
    Store,
)
from tests.conformance.sets import ATOMIC, creating
from tests.conformance.watching import take, watching


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
