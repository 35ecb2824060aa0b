"""Sets as large as they may be, and larger."""

from __future__ import annotations

import asyncio

import pytest

from protocube import errors
from protocube_server.storage import limits
from protocube_server.storage.base import (
    Guard,
    Put,
    Record,
    Refused,
    Remove,
    Set,
    SetDone,
    Store,
    Write,
)
from tests.conformance.sets import ATOMIC, creating


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
async def test_long_keys_and_many_conditions(store: Store, prefix: bytes) -> None:
    """A set that takes as many bytes with its conditions as it may is written."""
    half = limits.MAX_SET // 2

    def together(size: int) -> Set:
        return Set(
            writes=tuple(
                Put(key=prefix + b"%0400d" % number, value=b"x" * size, expected=0)
                for number in range(half)
            ),
            guards=tuple(
                Guard(key=prefix + b"guard%0400d" % number, revision=0) for number in range(half)
            ),
        )

    empty = limits.check([together(0)]).wire
    largest = (limits.MAX_REQUEST - empty) // half
    with pytest.raises(errors.TooLarge, match="too large for one transaction"):
        await store.apply(together(largest + 1))
    done = await store.apply(together(largest))
    assert len(done.outcomes) == (await store.list(prefix)).count == half
    assert isinstance((await store.write([together(largest)]))[0], Refused)


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
