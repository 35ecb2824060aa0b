"""Many callers at once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from protocube_server.storage.base import ConditionFailed, Record, Store
from tests.conformance.watching import flat, take, watching


async def test_creates_of_one_key(store: Store, prefix: bytes) -> None:
    """Of 200 concurrent creates of one key one wins, and the others see the winner."""
    key = prefix + b"a"
    before = await store.revision()
    results = await asyncio.gather(
        *(store.create(key, str(number).encode()) for number in range(200)),
        return_exceptions=True,
    )
    (winner,) = [result for result in results if isinstance(result, Record)]
    losers = [result for result in results if isinstance(result, ConditionFailed)]
    assert {loser.current for loser in losers} == {winner}
    assert len(losers) == 199
    assert await store.get(key) == winner
    assert await store.revision() == before + 1


async def test_updates_of_one_key(store: Store, prefix: bytes) -> None:
    """Of concurrent updates from one state one wins; with retries all of them happen."""
    key = prefix + b"a"
    await store.create(key, b"0")

    async def add_one() -> None:
        while True:
            record = await store.get(key)
            assert record is not None
            value = str(int(record.value) + 1).encode()
            try:
                await store.update(key, value, expected=record.mod_revision)
            except ConditionFailed:
                continue
            return

    await asyncio.gather(*(add_one() for _ in range(20)))
    record = await store.get(key)
    assert record is not None
    assert (record.value, record.version) == (b"20", 21)


async def test_a_cancelled_write_harms_nobody(store: Store, prefix: bytes) -> None:
    """Cancelling some of many writes leaves the others, and the store, as they were."""
    writes = [
        asyncio.ensure_future(store.create(prefix + str(number).encode(), b"one"))
        for number in range(100)
    ]
    await asyncio.sleep(0)
    for write in writes[::2]:
        write.cancel()
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert all(isinstance(result, Record) for result in results[1::2])
    keys = {record.key for record in (await store.list(prefix)).records}
    assert {prefix + str(number).encode() for number in range(1, 100, 2)} <= keys
    await store.create(prefix + b"after", b"one")


@pytest.mark.parametrize("seed", [1])
async def test_a_thousand_mixed_writers(store: Store, prefix: bytes, seed: int) -> None:
    """What a watcher saw, put together, is what the store holds and what writers were told.

    The watcher sees each revision once and in order, and each event continues the
    state that the one before it left.
    """
    chance = random.Random(seed)
    keys = [prefix + f"{number:02}".encode() for number in range(40)]
    done: Counter[tuple[bytes, int, bool]] = Counter()

    async def writer(number: int) -> None:
        key = chance.choice(keys)
        known = await store.get(key)
        value = f"{number}".encode()
        try:
            if known is None:
                record = await store.create(key, value)
                done[key, record.mod_revision, False] += 1
            elif chance.random() < 0.6:
                record = await store.update(key, value, expected=known.mod_revision)
                done[key, record.mod_revision, False] += 1
            else:
                removed = await store.delete(key, expected=known.mod_revision)
                done[key, removed.revision, True] += 1
        except ConditionFailed:
            return

    after = await store.revision()
    async with watching(store, prefix, after=after) as watch:
        await asyncio.gather(*(writer(number) for number in range(1000)))
        revisions = await take(watch, done.total())
    numbers = [revision.number for revision in revisions]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == await store.revision()
    model: dict[bytes, Record] = {}
    for event in flat(revisions):
        assert event.previous == model.get(event.key)
        if event.record is None:
            del model[event.key]
        else:
            model[event.key] = event.record
    seen = Counter((event.key, event.revision, event.record is None) for event in flat(revisions))
    assert seen == done
    assert (await store.list(prefix)).records == tuple(model[key] for key in sorted(model))
