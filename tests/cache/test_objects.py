"""Objects in memory: as new as the store, and of one revision."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_server.cache import Selection, log, objects
from protocube_server.kinds import splice

if TYPE_CHECKING:
    import pytest

    from protocube_server.cache.objects import Snapshot
    from protocube_server.storage.base import Record
    from tests.cache.conftest import Cached


def _names(snapshot: Snapshot) -> list[str]:
    return [key.rpartition(b"/")[2].decode() for key in snapshot.leaves]


def _texts(snapshot: Snapshot) -> dict[str, str]:
    found = (ConfigMap.FromString(splice.unframed(item)) for item in snapshot.leaves.items())
    return {item.metadata.name: item.data["text"] for item in found}


async def test_the_first_call_leaves_it_to_the_store(cached: Cached) -> None:
    """Nobody waits for a kind to be loaded; soon after, it is in memory."""
    await cached.create("a")
    assert await cached.cache.newest(cached.kind) is None
    assert _names(await cached.loaded()) == ["a"]


async def test_a_write_is_seen_by_the_next_list(cached: Cached) -> None:
    """What was acknowledged before the call is in the snapshot, at its revision or later."""
    await cached.loaded()
    for number in range(50):
        record = await cached.create(f"n{number:02}")
        snapshot = await cached.cache.newest(cached.kind)
        assert snapshot is not None
        assert _names(snapshot)[-1] == f"n{number:02}"
        assert snapshot.revision >= record.mod_revision


async def test_memory_and_store_agree_after_anything(cached: Cached) -> None:
    """After random creations, changes and deletions it holds what the store holds, in order."""
    await cached.loaded()
    chance = random.Random(7)
    there: dict[str, Record] = {}
    for step in range(400):
        name = f"k{chance.randrange(40):02}"
        if name not in there:
            there[name] = await cached.create(name, str(step))
        elif chance.random() < 0.5:
            there[name] = await cached.update(there[name], name, str(step))
        else:
            await cached.store.delete(there.pop(name).key)
    snapshot = await cached.loaded()
    page = await cached.store.list(cached.kind.prefix())
    assert list(snapshot.leaves) == [record.key for record in page.records]
    assert [splice.unframed(item) for item in snapshot.leaves.items()] == [
        cached.kind.answer(record.value, record.mod_revision) for record in page.records
    ]


async def test_a_snapshot_stays_as_it_was(cached: Cached) -> None:
    """Whoever goes through a snapshot does not see it change."""
    record = await cached.create("a", "one")
    snapshot = await cached.loaded()
    await cached.update(record, "a", "two")
    await cached.create("b")
    assert _texts(await cached.loaded()) == {"a": "two", "b": ""}
    assert _texts(snapshot) == {"a": "one"}


async def test_a_revision_is_at_hand_while_it_is_the_newest_or_retained(cached: Cached) -> None:
    """The pages of one list are of one revision, whatever is written between them."""
    await cached.create("a")
    snapshot = await cached.loaded()
    assert _names(await cached.cache.at(cached.kind, snapshot.revision) or snapshot) == ["a"]
    cached.cache.retain(cached.kind, snapshot)
    passing = (await cached.create("b")).mod_revision
    await cached.create("c")
    assert _names(await cached.loaded()) == ["a", "b", "c"]
    retained = await cached.cache.at(cached.kind, snapshot.revision)
    assert retained is not None
    assert _names(retained) == ["a"]
    assert await cached.cache.at(cached.kind, passing) is None


async def test_only_so_many_are_retained(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists that nobody goes on with do not pile up."""
    monkeypatch.setattr(objects, "_MOST_SNAPSHOTS", 2)
    await cached.loaded()
    revisions = []
    for name in "abcd":
        await cached.create(name)
        snapshot = await cached.loaded()
        cached.cache.retain(cached.kind, snapshot)
        revisions.append(snapshot.revision)
    found = [await cached.cache.at(cached.kind, revision) is not None for revision in revisions]
    assert found == [False, False, True, True]


async def test_a_list_after_more_than_the_log_holds(
    cached: Cached, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the log dropped what was not read, everything is loaded anew, and right."""
    monkeypatch.setattr(log, "_MOST_REVISIONS", 5)
    await cached.loaded()
    for number in range(20):
        await cached.create(f"n{number:02}")
    assert len(_names(await cached.loaded())) == 20


async def test_of_a_kind_that_is_too_large_labels_are_kept(
    cached: Cached, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded: its objects stay in the store, and selectors are answered by labels."""
    monkeypatch.setattr(objects, "_MOST_BYTES", 2500)
    for number in range(20):
        await cached.create(f"n{number:02}", "x" * 100, label=f"l{number % 2}")
    snapshot = await cached.loaded()
    assert not snapshot.has_items
    assert not any(snapshot.leaves.items())
    await cached.create("last", label="l1")
    snapshot = await cached.loaded()
    within = (selection := Selection(cached.kind, labels="label=l1")).within(snapshot.leaves, b"")
    found = [
        key for number in range(len(within.leaves)) for key in selection.chosen(within, number).keys
    ]
    assert found == [
        cached.kind.key("default", name)
        for name in ("last", *(f"n{number:02}" for number in range(1, 20, 2)))
    ]


async def test_a_kind_whose_labels_are_too_large_is_left_to_the_store(
    cached: Cached, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a kind is not kept at all, nor tried again at once."""
    monkeypatch.setattr(objects, "_MOST_BYTES", 500)
    for number in range(20):
        await cached.create(f"n{number:02}", "x" * 100)
    assert await cached.cache.newest(cached.kind) is None
    kept = cached.cache._of(cached.kind)
    await kept.load_or_leave()
    assert not kept.may_load()
    assert await kept.newest() is None
