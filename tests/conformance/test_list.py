"""Lists: order, prefixes, pages, and states of the past."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.etcd import store as etcd_store

if TYPE_CHECKING:
    from protocube_server.storage.base import Record, Store


async def _fill(store: Store, prefix: bytes, names: str) -> dict[str, Record]:
    return {
        name: await store.create(prefix + name.encode(), b"value of " + name.encode())
        for name in names
    }


async def test_an_empty_prefix_of_keys(store: Store, prefix: bytes) -> None:
    """A list of nothing is empty and still has a revision."""
    page = await store.list(prefix)
    assert (page.records, page.more, page.count) == ((), False, 0)
    assert page.revision == await store.revision()


async def test_keys_come_in_bytewise_order(store: Store, prefix: bytes) -> None:
    """The order is that of bytes, whatever the order of writing."""
    names = [b"b", b"a/b", b"a", b"a-b", b"\xc3\xa4", b"Z"]
    for name in names:
        await store.create(prefix + name, name)
    page = await store.list(prefix)
    assert [record.value for record in page.records] == sorted(names)


async def test_no_sibling_bleeds_in(store: Store, prefix: bytes) -> None:
    """A prefix that ends in a slash never matches a longer name."""
    inside = await store.create(prefix + b"a/x", b"one")
    await store.create(prefix + b"ab/x", b"two")
    await store.create(prefix + b"a", b"three")
    await store.create(prefix + b"a.x", b"one byte before the slash")
    await store.create(prefix + b"a0", b"one byte behind it")
    assert (await store.list(prefix + b"a/")).records == (inside,)


async def test_a_list_carries_the_newest_revision(store: Store, prefix: bytes) -> None:
    """The revision is the store's, also when the last write was elsewhere."""
    await _fill(store, prefix, "ab")
    elsewhere = await store.create(prefix.rstrip(b"/") + b"-other", b"one")
    page = await store.list(prefix)
    assert page.revision == elsewhere.mod_revision
    assert page.count == len(page.records) == 2


async def test_pages_cover_everything_once(store: Store, prefix: bytes) -> None:
    """Pages, each from behind the last, give each key once; counts count what is left."""
    records = await _fill(store, prefix, "abcdefg")
    got: list[Record] = []
    left: list[tuple[int, bool]] = []
    start, at = b"", 0
    while True:
        page = await store.list(prefix, start=start, limit=3, at=at)
        got += page.records
        left.append((page.count, page.more))
        if not page.more:
            break
        start, at = page.records[-1].key + b"\0", page.revision
    assert got == list(records.values())
    assert left == [(7, True), (4, True), (1, False)]


async def test_a_page_that_ends_with_the_last_key(store: Store, prefix: bytes) -> None:
    """A limit that is just met leaves no more."""
    await _fill(store, prefix, "abc")
    page = await store.list(prefix, limit=3)
    assert (len(page.records), page.more, page.count) == (3, False, 3)


async def test_start_outside_the_prefix(store: Store, prefix: bytes) -> None:
    """A start before the prefix reaches no other key, one behind it gives nothing."""
    records = await _fill(store, prefix + b"m/", "ab")
    await store.create(prefix + b"a", b"one")
    await store.create(prefix + b"z", b"one")
    before = await store.list(prefix + b"m/", start=prefix)
    assert before.records == tuple(records.values())
    behind = await store.list(prefix + b"m/", start=prefix + b"z")
    assert (behind.records, behind.count) == ((), 0)


async def test_pages_at_one_revision_under_writes(store: Store, prefix: bytes) -> None:
    """Pages at the first page's revision see nothing of what is written meanwhile."""
    records = await _fill(store, prefix, "bcdf")
    first = await store.list(prefix, limit=2)
    await store.create(prefix + b"a", b"new")
    await store.create(prefix + b"e", b"new")
    await store.update(prefix + b"d", b"changed", expected=records["d"].mod_revision)
    await store.delete(prefix + b"f")
    second = await store.list(
        prefix, start=first.records[-1].key + b"\0", limit=2, at=first.revision
    )
    assert first.records + second.records == tuple(records.values())
    assert (second.revision, second.count, second.more) == (first.revision, 2, False)


async def test_every_past_state_can_be_read(store: Store, prefix: bytes) -> None:
    """A list at a revision gives what a list gave when that revision was the newest."""
    seen = [await store.list(prefix)]
    created = await store.create(prefix + b"a", b"one")
    seen.append(await store.list(prefix))
    await store.create(prefix + b"b", b"one")
    seen.append(await store.list(prefix))
    await store.update(prefix + b"a", b"two", expected=created.mod_revision)
    seen.append(await store.list(prefix))
    await store.delete(prefix + b"a")
    seen.append(await store.list(prefix))
    await store.create(prefix + b"a", b"three")
    seen.append(await store.list(prefix))
    assert [await store.list(prefix, at=page.revision) for page in seen] == seen


async def test_a_revision_in_the_future(store: Store, prefix: bytes) -> None:
    """A list at a revision that does not exist yet is refused."""
    with pytest.raises(errors.Timeout, match="future"):
        await store.list(prefix, at=await store.revision() + 1)


async def test_a_list_of_all_keys(store: Store, prefix: bytes) -> None:
    """The empty prefix is everything."""
    records = await _fill(store, prefix, "ab")
    page = await store.list(b"")
    assert set(records.values()) <= set(page.records)
    assert page.count == len(page.records)


async def test_a_long_list_without_a_limit(store: Store, prefix: bytes) -> None:
    """Without a limit a list is whole, however long."""
    count = 1200
    await asyncio.gather(
        *(store.create(prefix + f"{number:05}".encode(), b"x" * 5000) for number in range(count))
    )
    page = await store.list(prefix)
    assert [record.key[len(prefix) :] for record in page.records] == [
        f"{number:05}".encode() for number in range(count)
    ]
    assert (page.count, page.more) == (count, False)


async def test_a_long_list_is_of_one_revision_under_a_writer(
    store: Store, prefix: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many pages it takes a store to read it: what is written meanwhile is not in it."""
    monkeypatch.setattr(etcd_store, "_PAGE_KEYS", 10)
    for number in range(40):
        await store.create(prefix + b"%02d" % number, b"0")
    first, last = prefix + b"00", prefix + b"39"
    lists = 0
    is_done = asyncio.Event()

    async def write() -> None:
        at = {key: record.mod_revision for key in (first, last) if (record := await store.get(key))}
        count = 0
        while not is_done.is_set():
            count += 1
            for key in (first, last):
                value = str(count).encode()
                at[key] = (await store.update(key, value, expected=at[key])).mod_revision

    writing = asyncio.create_task(write())
    try:
        while lists < 60:
            lists += 1
            page = await store.list(prefix)
            assert len(page.records) == page.count == 40
            assert max(record.mod_revision for record in page.records) <= page.revision
            values = [int(record.value) for record in (page.records[0], page.records[-1])]
            assert values[0] - values[1] in (0, 1), "its pages are of several revisions"
    finally:
        is_done.set()
        await writing
