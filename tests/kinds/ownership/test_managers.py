"""What updates and applies do to the owners of an object."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocube.steps import finished
from protocube_server.kinds.ownership import (
    comparing,
    conflicts,
    entries,
    field_set,
    managers,
    scaling,
)
from protocube_server.kinds.ownership.entries import Entry, Operation
from tests.kinds.ownership.gadgets import SCHEMA, gadget, specs, write

APPLY = Operation.APPLY
Entries = tuple[Entry, ...]


def _updated(stored: Entries, live: Any, new: Any, manager: str, now: int = 1) -> Entries:
    return finished(managers.update(stored, live, new, write(manager, now=now)))


def _applied(
    stored: Entries, live: Any, config: Any, manager: str, *, force: bool = False, now: int = 1
) -> managers.Applied:
    steps = managers.apply(stored, live, config, write(manager, APPLY, now=now), force=force)
    return finished(steps)


def _owned(stored: Entries) -> dict[str, list[str]]:
    return {
        f"{entry.owner.manager}/{entry.owner.operation}": [
            path.removeprefix(".spec") for path in field_set.paths(entry.fields)
        ]
        for entry in stored
    }


def test_an_update_takes_what_it_changes() -> None:
    """The former owner keeps the rest, and what is removed is nobody's."""
    first = gadget(labels={"a": "1", "b": "1"}, size=1)
    second = gadget(labels={"a": "2"}, size=1)
    stored = _updated((), {}, first, "one")
    assert _owned(stored) == {"one/Update": [".labels", ".size", ".labels.a", ".labels.b"]}
    assert _owned(_updated(stored, first, second, "two")) == {
        "one/Update": [".labels", ".size"],
        "two/Update": [".labels.a"],
    }


def test_names_and_what_the_server_writes_are_nobodys() -> None:
    """No owner has the kind, the name or the uid of an object."""
    made = gadget(size=1)
    made["metadata"] |= {
        "uid": "u",
        "generation": 1,
        "creationTimestamp": "t",
        "labels": {"a": "b"},
    }
    made["status"] = {"phase": "x"}
    stored = _updated((), {}, made, "one")
    assert _owned(stored) == {"one/Update": [".metadata.labels", ".metadata.labels.a", ".size"]}


def test_an_apply_owns_what_was_sent_and_no_more() -> None:
    """Maps and structs on the way are not owned, elements of lists are."""
    config = gadget(labels={"a": "1"}, parts=[{"port": 1}], door={}, inner={"labels": None})
    assert _owned(_applied((), {}, config, "one").entries) == {
        "one/Apply": [
            ".door",
            ".inner.labels",
            ".labels.a",
            '.parts[port=1,protocol="TCP"]',
            '.parts[port=1,protocol="TCP"].port',
        ]
    }


def test_a_conflict_names_every_field_and_owner() -> None:
    """The message is Kubernetes', owners and fields in order."""
    live = gadget(labels={"a": "1", "b": "1"}, size=1)
    stored = _applied((), {}, gadget(labels={"a": "1", "b": "1"}), "one").entries
    stored = _applied(stored, gadget(labels={"a": "1", "b": "1"}), gadget(size=1), "two").entries
    stored = _updated(stored, live, gadget(labels={"a": "1", "b": "1"}, size=1, title="t"), "u")
    live = gadget(labels={"a": "1", "b": "1"}, size=1, title="t")
    config = gadget(labels={"a": "2", "b": "2"}, size=2, title="s")
    with pytest.raises(conflicts.ConflictsFound) as found:
        _applied(stored, live, config, "three")
    assert conflicts.message(found.value.conflicts) == (
        "Apply failed with 4 conflicts: "
        'conflicts with "one":\n- .spec.labels.a\n- .spec.labels.b\n'
        'conflicts with "two":\n- .spec.size\n'
        'conflicts with "u" using example.com/v1:\n- .spec.title'
    )
    causes = conflicts.causes(found.value.conflicts)
    assert [(cause.field, cause.message) for cause in causes][-1] == (
        ".spec.title",
        'conflict with "u" using example.com/v1',
    )
    forced = _applied(stored, live, config, "three", force=True)
    assert set(_owned(forced.entries)) == {"three/Apply"}


def test_what_is_not_applied_any_more_goes_unless_another_owns_it() -> None:
    """A field with another owner stays, and so does one that nobody owns."""
    config = gadget(labels={"a": "1", "b": "1"}, size=1, parts=[{"port": 1, "value": "v"}])
    stored = _applied((), {}, config, "one").entries
    live = gadget(**config["spec"], title="nobody's")
    stored = _applied(stored, live, gadget(labels={"a": "1"}), "two").entries
    left = _applied(stored, live, gadget(size=1), "one")
    assert left.is_changed
    assert left.data["spec"] == {"labels": {"a": "1"}, "size": 1, "title": "nobody's"}
    assert _owned(left.entries) == {"one/Apply": [".size"], "two/Apply": [".labels.a"]}


def test_a_change_of_ownership_alone_keeps_the_time() -> None:
    """A manager that joins another one has no time, until it changes the object."""
    config = gadget(size=1)
    stored = _applied((), {}, config, "one", now=5).entries
    joined = _applied(stored, config, config, "two", now=6)
    assert not joined.is_changed
    assert {entry.owner.manager: entry.time for entry in joined.entries} == {"one": 5, "two": None}
    moved = _applied(joined.entries, config, gadget(size=2), "two", force=True, now=7)
    assert {entry.owner.manager: entry.time for entry in moved.entries} == {"two": 7}


def test_the_first_apply_finds_what_was_there_before() -> None:
    """An object without owners is owned by before-first-apply."""
    with pytest.raises(conflicts.ConflictsFound) as found:
        _applied((), gadget(size=1), gadget(size=2), "one")
    assert conflicts.message(found.value.conflicts) == (
        "Apply failed with 1 conflict: conflict with "
        '"before-first-apply" using example.com/v1: .spec.size'
    )


def test_the_oldest_updaters_become_one() -> None:
    """Ten owners by update are kept apart; those by apply are not counted."""
    live = gadget()
    stored = _applied((), {}, gadget(title="t"), "applier").entries
    for number in range(14):
        new = gadget(labels={str(each): "x" for each in range(number + 1)})
        stored = _updated(stored, live, new, f"m{number:02}", now=number + 1)
        live = new
    updates = [entry for entry in stored if entry.owner.operation is Operation.UPDATE]
    assert len(updates) == 10
    ancient = next(entry for entry in updates if entry.owner.manager == "ancient-changes")
    assert ancient.time == 5
    assert _owned((ancient,))["ancient-changes/Update"] == [
        ".labels",
        *(f".labels.{number}" for number in range(5)),
    ]


def _stored(data: Any) -> Any:
    """Return data as the store has them, without what is null."""
    if not isinstance(data, dict):
        return data
    return {name: _stored(value) for name, value in data.items() if value is not None}


@given(st.lists(st.tuples(specs(), st.sampled_from("xyz"), st.booleans()), max_size=6))
def test_owners_of_random_histories(history: list[tuple[dict[str, Any], str, bool]]) -> None:
    """Every field an update set has one owner by update, who is the last that changed it."""
    live, stored = gadget(), Entries()
    changed: dict[str, str] = {}
    for now, (spec, manager, _) in enumerate(history, 1):
        new = gadget(**spec)
        found = finished(comparing.compare(SCHEMA, live, new))
        if not found:
            continue
        stored = _updated(stored, live, new, manager, now)
        for path in field_set.paths(found.removed):
            changed.pop(path, None)
        for part in (found.added, found.modified):
            changed |= dict.fromkeys(field_set.paths(part), manager)
        live = new
        owners = {
            path: entry.owner.manager for entry in stored for path in field_set.paths(entry.fields)
        }
        assert owners == changed


@given(specs(), specs(), specs())
def test_an_apply_twice_is_one(
    first: dict[str, Any], other: dict[str, Any], second: dict[str, Any]
) -> None:
    """The second time nothing changes, neither the object nor its owners."""
    one = _applied((), gadget(), gadget(**first), "one")
    two = _applied(one.entries, _stored(one.data), gadget(**other), "two", force=True)
    again = _applied(two.entries, _stored(two.data), gadget(**second), "one", force=True)
    once_more = _applied(again.entries, _stored(again.data), gadget(**second), "one")
    assert not once_more.is_changed
    assert once_more.entries == again.entries


@pytest.mark.parametrize("written", [[], [{}]])
def test_owners_can_be_taken_away(written: list[Any]) -> None:
    """An empty list, or one of an empty entry, leaves nobody."""
    stored = _updated((), {}, gadget(size=1), "one")
    assert finished(entries.after_writing(written, stored)) == ()


@pytest.mark.parametrize(
    "entry",
    [
        {"operation": "Steal"},
        {"fieldsType": "FieldsV2"},
        {"apiVersion": ""},
        {"fieldsV1": {"spec": {}}},
        {"time": "yesterday"},
    ],
)
def test_owners_that_cannot_be_read_are_not_taken(entry: dict[str, Any]) -> None:
    """The stored ones stay."""
    stored = _updated((), {}, gadget(size=1), "one")
    (written,) = finished(entries.to_data(stored))
    assert finished(entries.after_writing([written | entry], stored)) == stored
    assert finished(entries.after_writing([written | {"manager": "x"}], stored)) != stored
    assert finished(entries.after_writing(None, stored)) == stored


def test_a_scale_takes_the_replicas_of_updaters() -> None:
    """An applier loses them only when they change; an unowned number is not followed."""
    replicas = scaling.path(["spec", "size"])
    owner = write("scaler", subresource="scale").owner
    nobody = _updated((), {}, gadget(title="t"), "u")
    assert finished(scaling.update(nobody, replicas, owner, is_changed=True)) == nobody
    stored = _applied((), {}, gadget(size=1), "one").entries
    assert finished(scaling.update(stored, replicas, owner, is_changed=False)) == stored
    (moved,) = finished(scaling.update(stored, replicas, owner, is_changed=True))
    assert (moved.owner, moved.time) == (owner, None)
    updated = _updated((), {}, gadget(size=1, title="t"), "u")
    left = finished(scaling.update(updated, replicas, owner, is_changed=False))
    assert [len(entry.fields.children) for entry in left] == [1, 1]
    assert _owned(entries.distinct(left)) == {"u/Update": [".title"]}
