"""What is kept with objects, and that it says the same as whole sets would."""

from __future__ import annotations

import gc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocube.manifests import decode, encode
from protocube.steps import finished
from protocube_server.kinds.ownership import comparing, entries, field_set, managers, stored
from protocube_server.kinds.ownership.entries import Entry, Operation, Owner
from protocube_server.kinds.ownership.records import Records, Shape
from tests.kinds.ownership.gadgets import API_VERSION, GADGET, SCHEMA, gadget, specs, write

RECORDS = Records(
    Shape(message_class=GADGET.message_class, api_version=API_VERSION, has_status=True)
)
Entries = tuple[Entry, ...]
STATUS = "status"


def _message(spec: dict[str, Any], status: dict[str, Any] | None = None) -> Any:
    message = GADGET.message_class()
    data = gadget(**spec) | ({"status": status} if status is not None else {})
    report = decode.decode(data, message)
    assert not report.faults
    return message


def _owner(manager: str, subresource: str = "") -> Owner:
    return write(manager, subresource=subresource).owner


def _created(message: Any, manager: str, now: int = 1) -> bytes:
    return RECORDS.created(message, _owner(manager), now)


def _updated(
    kept: bytes, old: Any, new: Any, manager: str, now: int = 2, subresource: str = ""
) -> bytes:
    by = write(manager, now=now, subresource=subresource)
    renewed = RECORDS.renewed(kept, old, new, by.owner, now)
    return finished(RECORDS.updated(kept, old, new, by)) if renewed is None else renewed


def _entries(kept: bytes, message: Any) -> Entries:
    return finished(RECORDS.entries(kept, message))


class _Eager:
    """The same, with whole sets after each write."""

    def __init__(self) -> None:
        self.entries: Entries = ()

    def create(self, message: Any, manager: str, now: int) -> None:
        by = write(manager, now=now)
        self.entries = finished(managers.update((), {}, encode.data(message), by))

    def update(self, old: Any, new: Any, manager: str, now: int, subresource: str) -> None:
        if self.entries:
            by = write(manager, now=now, subresource=subresource)
            data = encode.data(old), encode.data(new)
            self.entries = finished(managers.update(self.entries, *data, by))

    def write_for_nobody(self, old: Any, new: Any) -> None:
        change = finished(comparing.compare(SCHEMA, encode.data(old), encode.data(new)))
        left = []
        for entry in self.entries:
            fields = entry.fields
            for part in (change.added, change.modified, change.removed):
                fields = finished(field_set.difference(fields, part))
            left.append(entry.having(fields))
        self.entries = entries.ordered(left)

    def apply(self, old: Any, config: Any, manager: str, now: int) -> Any:
        by = write(manager, Operation.APPLY, now=now)
        steps = managers.apply(self.entries, encode.data(old), config, by, force=True)
        applied = finished(steps)
        self.entries = applied.entries
        return applied.data


_STATUSES = st.fixed_dictionaries(
    {}, optional={"phase": st.sampled_from("ab"), "ready": st.integers(1, 2)}
)
_WRITES = st.tuples(
    st.sampled_from(["update", "update", "update", "status", "nobody", "apply"]),
    st.sampled_from("abcdefghijkl"),
    specs(),
    _STATUSES,
)


@given(specs(), st.lists(_WRITES, max_size=14), st.sampled_from([2, 12]))
def test_what_is_shown_is_as_if_whole_sets_were_kept(
    first: dict[str, Any], history: list[Any], managers_in_all: int
) -> None:
    """After any history, owners of the rest included, the same owners own the same."""
    eager = _Eager()
    message = _message(first)
    kept = _created(message, "a")
    eager.create(message, "a", 1)
    spec, status = first, None
    for now, (verb, name, new_spec, new_status) in enumerate(history, 2):
        manager = chr(ord("a") + ord(name) % managers_in_all)
        if verb == "apply":
            data = eager.apply(message, gadget(**new_spec), manager, now)
            kept = finished(RECORDS.encoded(eager.entries))
            message = GADGET.message_class()
            decode.decode(data, message)
            spec = encode.data(message).get("spec", {})
            continue
        new = _message(spec, new_status) if verb == STATUS else _message(new_spec, status)
        if new == message:
            continue
        if verb == "nobody":
            kept = finished(RECORDS.unowned(kept, message, new))
            eager.write_for_nobody(message, new)
        else:
            part = STATUS if verb == STATUS else ""
            kept = _updated(kept, message, new, manager, now, part)
            eager.update(message, new, manager, now, part)
        message = new
        spec, status = (spec, new_status) if verb == STATUS else (new_spec, status)
        assert _entries(kept, message) == eager.entries
    assert _entries(kept, message) == eager.entries


def test_one_manager_costs_a_few_bytes() -> None:
    """The note of an object's only manager is its name and a time, whatever the object is."""
    small, large = _message({"size": 1}), _message({"labels": {str(n): "x" for n in range(999)}})
    assert len(_created(small, "kubectl")) == len(_created(large, "kubectl")) == 15
    kept = _created(large, "kubectl", 1_700_000_000)
    assert len(kept) == 19
    changed = _message({"labels": {str(n): "y" for n in range(999)}})
    assert len(_updated(kept, large, changed, "kubectl", 1_700_000_000)) == len(kept)


def test_a_second_manager_costs_what_it_changes() -> None:
    """Its set is stored, that of the first one is not."""
    large = {"labels": {str(n): "x" for n in range(999)}}
    old, new = _message(large), _message({**large, "size": 2})
    kept = _updated(_created(old, "one"), old, new, "two")
    assert len(kept) < 80
    first, second = _entries(kept, new)
    assert list(field_set.paths(second.fields)) == [".spec.size"]
    assert len(list(field_set.paths(first.fields))) == 1000


def test_a_status_written_by_one_manager_is_a_note_too() -> None:
    """A controller that writes the status again and again stores no set."""
    bare = _message({"size": 1})
    first = _message({"size": 1}, {"phase": "a"})
    second = _message({"size": 1}, {"phase": "b", "ready": 1})
    kept = _updated(_created(bare, "one"), bare, first, "controller", 2, STATUS)
    again = _updated(kept, first, second, "controller", 3, STATUS)
    assert len(kept) == len(again) < 60
    owned = {e.owner.manager: list(field_set.paths(e.fields)) for e in _entries(again, second)}
    assert owned == {"one": [".spec.size"], "controller": [".status.phase", ".status.ready"]}


def test_an_object_without_anything_has_no_owner() -> None:
    """Nothing is kept with it, and later updates are not followed."""
    empty = _message({})
    kept = _created(empty, "one")
    assert kept == b""
    assert _updated(kept, empty, _message({"size": 1}), "two") == b""


@given(st.binary(max_size=200))
def test_damage_counts_as_nothing(kept: bytes) -> None:
    """Whatever is kept is read or counts as nothing, and writes go on."""
    old, new = _message({"size": 1}), _message({"size": 2})
    _entries(kept, old)
    _entries(_updated(kept, old, new, "one"), new)
    finished(RECORDS.unowned(kept, old, new))


@given(st.data())
def test_a_bit_that_turns_is_no_exception(data: st.DataObject) -> None:
    """Damage anywhere in a record with sets is found, or gives another record."""
    old = _message({"size": 1, "labels": {"a": "b"}})
    new = _message({"size": 2, "labels": {str(n): "x" for n in range(30)}})
    kept = bytearray(_updated(_created(old, "one"), old, new, "two"))
    at = data.draw(st.integers(0, len(kept) - 1))
    kept[at] ^= 1 << data.draw(st.integers(0, 7))
    _entries(bytes(kept), new)


@pytest.mark.parametrize("cut", range(1, 20))
def test_a_record_that_ends_early_counts_as_nothing(cut: int) -> None:
    """A note that was cut names nobody."""
    message = _message({"size": 1})
    assert _entries(_created(message, "one")[:-cut], message) == ()


def test_a_set_that_unpacks_without_end_is_not_read() -> None:
    """A few kilobytes do not become gigabytes."""
    bomb = zlib.compress(b"{" + b" " * (stored._LARGEST + 1))
    body = stored._framed(6, bomb)
    message = _message({"size": 1})
    assert _entries(stored._framed(1, stored._framed(1, body)), message) == ()


def test_of_many_different_sets_few_stay_in_memory() -> None:
    """Sets that were read are remembered, and not all that there ever were."""

    def read(number: int) -> None:
        steps = frozenset(f"f:{number}-{field}" for field in range(50))
        held = stored.Held(owner=_owner("a"), time=1, fields=field_set.of(steps, {}))
        kept = finished(stored.encode(stored.Record(held=(held,)), API_VERSION))
        (found,) = finished(stored.decode(kept, API_VERSION)).held
        assert found.fields is not None
        assert found.fields.members == steps, f"set {number} is read as another one"

    def count() -> int:
        gc.collect()
        return sum(isinstance(each, field_set.FieldSet) for each in gc.get_objects())

    before = count()
    for number in range(2000):
        read(number % 1500)
    assert count() - before < 500, "sets that were read are kept, each of them"
