"""Create, get, update and delete of one key."""

from __future__ import annotations

import pytest

from protocube import errors
from protocube_server.storage import limits
from protocube_server.storage.base import ConditionFailed, Done, Put, Record, Refused, Remove, Store


async def test_create_gives_the_record(store: Store, prefix: bytes) -> None:
    """A created key is at version 1, and its two revisions are those of its creation."""
    before = await store.revision()
    record = await store.create(prefix + b"a", b"one")
    assert record == Record(
        key=prefix + b"a",
        value=b"one",
        create_revision=record.mod_revision,
        mod_revision=before + 1,
        version=1,
    )
    assert await store.revision() == before + 1


async def test_get_gives_what_was_written(store: Store, prefix: bytes) -> None:
    """A write that has returned is seen by the next read, byte by byte."""
    value = bytes(range(256))
    record = await store.create(prefix + b"a", value)
    assert await store.get(prefix + b"a") == record
    assert record.value == value


async def test_get_of_a_missing_key(store: Store, prefix: bytes) -> None:
    """A key that does not exist is None, also when longer keys begin with it."""
    await store.create(prefix + b"ab", b"one")
    assert await store.get(prefix + b"a") is None


async def test_an_empty_value_is_a_value(store: Store, prefix: bytes) -> None:
    """An empty value is not taken for an absence."""
    record = await store.create(prefix + b"a", b"")
    assert await store.get(prefix + b"a") == record
    assert (await store.list(prefix)).records == (record,)


async def test_create_of_an_existing_key(store: Store, prefix: bytes) -> None:
    """A second create fails with what is there, and changes nothing."""
    record = await store.create(prefix + b"a", b"one")
    with pytest.raises(ConditionFailed) as caught:
        await store.create(prefix + b"a", b"two")
    assert caught.value.current == record
    assert await store.get(prefix + b"a") == record
    assert await store.revision() == record.mod_revision


async def test_update_at_the_expected_revision(store: Store, prefix: bytes) -> None:
    """An update keeps the creation, and counts the version."""
    created = await store.create(prefix + b"a", b"one")
    updated = await store.update(prefix + b"a", b"two", expected=created.mod_revision)
    assert updated == Record(
        key=prefix + b"a",
        value=b"two",
        create_revision=created.mod_revision,
        mod_revision=created.mod_revision + 1,
        version=2,
    )
    assert await store.get(prefix + b"a") == updated


async def test_update_at_a_stale_revision(store: Store, prefix: bytes) -> None:
    """An update of a state that is gone fails with the newest one."""
    created = await store.create(prefix + b"a", b"one")
    updated = await store.update(prefix + b"a", b"two", expected=created.mod_revision)
    with pytest.raises(ConditionFailed) as caught:
        await store.update(prefix + b"a", b"three", expected=created.mod_revision)
    assert caught.value.current == updated
    assert await store.get(prefix + b"a") == updated


async def test_update_of_a_missing_key(store: Store, prefix: bytes) -> None:
    """An update cannot bring a deleted key back."""
    created = await store.create(prefix + b"a", b"one")
    await store.delete(prefix + b"a")
    with pytest.raises(ConditionFailed) as caught:
        await store.update(prefix + b"a", b"two", expected=created.mod_revision)
    assert caught.value.current is None
    assert await store.get(prefix + b"a") is None


async def test_delete_at_the_expected_revision(store: Store, prefix: bytes) -> None:
    """A delete has a revision of its own and gives the state that it removed."""
    created = await store.create(prefix + b"a", b"one")
    done = await store.delete(prefix + b"a", expected=created.mod_revision)
    assert done == Done(revision=created.mod_revision + 1, record=None, previous=created)
    assert await store.get(prefix + b"a") is None


async def test_delete_at_a_stale_revision(store: Store, prefix: bytes) -> None:
    """A conditional delete of a changed key fails with the newest state."""
    created = await store.create(prefix + b"a", b"one")
    updated = await store.update(prefix + b"a", b"two", expected=created.mod_revision)
    with pytest.raises(ConditionFailed) as caught:
        await store.delete(prefix + b"a", expected=created.mod_revision)
    assert caught.value.current == updated
    assert await store.get(prefix + b"a") == updated


async def test_delete_without_a_condition(store: Store, prefix: bytes) -> None:
    """An unconditional delete removes whatever is there."""
    created = await store.create(prefix + b"a", b"one")
    updated = await store.update(prefix + b"a", b"two", expected=created.mod_revision)
    assert (await store.delete(prefix + b"a")).previous == updated


@pytest.mark.parametrize("expected", [None, 1])
async def test_delete_of_a_missing_key(store: Store, prefix: bytes, expected: int | None) -> None:
    """A delete of nothing fails, with a condition and without, and takes no revision."""
    before = await store.revision()
    with pytest.raises(ConditionFailed) as caught:
        await store.delete(prefix + b"a", expected=expected)
    assert caught.value.current is None
    assert await store.revision() == before


async def test_a_key_that_comes_back_starts_anew(store: Store, prefix: bytes) -> None:
    """After a deletion a key is created again: version 1 and a new create revision."""
    first = await store.create(prefix + b"a", b"one")
    await store.delete(prefix + b"a")
    again = await store.create(prefix + b"a", b"two")
    assert again.version == 1
    assert again.create_revision == again.mod_revision == first.mod_revision + 2


async def test_the_same_value_again_is_a_write(store: Store, prefix: bytes) -> None:
    """The store does not compare values: writing the same one takes a revision."""
    created = await store.create(prefix + b"a", b"one")
    updated = await store.update(prefix + b"a", b"one", expected=created.mod_revision)
    assert updated.mod_revision == created.mod_revision + 1


async def test_outcomes_of_single_batches(store: Store, prefix: bytes) -> None:
    """write() says in one outcome what the single methods raise or return."""
    (done,) = await store.write([Put(key=prefix + b"a", value=b"one", expected=0)])
    assert isinstance(done, Done)
    record = await store.get(prefix + b"a")
    assert record is not None
    assert (done.record, done.revision) == (record, record.mod_revision)
    assert await store.write([Put(key=prefix + b"a", value=b"two", expected=0)]) == (
        Refused(key=prefix + b"a", current=record),
    )
    assert await store.write([Remove(key=prefix + b"a", expected=record.mod_revision)]) == (
        Done(revision=record.mod_revision + 1, record=None, previous=record),
    )


async def test_the_largest_value(store: Store, prefix: bytes) -> None:
    """A value at the limit is stored, and one byte more is refused without harm."""
    key = prefix + b"a"
    value = b"x" * (limits.MAX_BYTES - len(key))
    assert (await store.create(key, value)).value == value
    with pytest.raises(errors.TooLarge, match=r"too large .* limit"):
        await store.create(prefix + b"b", value + b"x")
    assert await store.get(prefix + b"b") is None
