"""Events whose former state was compacted: what cannot be told is Expired, and never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.core.v1 import config_map_service_pb2 as services
from protocube.meta.v1 import requests_pb2
from protocube.watch.v1 import watches_pb2
from protocube_server.cache import Selection, encoding
from protocube_server.cache.log import Entry
from protocube_server.cache.many import ManySelections
from protocube_server.cache.seen import SeenEvents
from protocube_server.storage.base import Event, Record, Revision
from tests.cache.conftest import value

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.registry import Registry

ADDED = requests_pb2.EVENT_TYPE_ADDED
MODIFIED = requests_pb2.EVENT_TYPE_MODIFIED
DELETED = requests_pb2.EVENT_TYPE_DELETED
_SELECTORS: dict[str, dict[str, Any]] = {
    "labels": {"labels": "label=x"},
    "fields": {"fields": "metadata.name=a"},
}


@pytest.fixture(scope="module")
def kind(registry: Registry) -> Kind:
    """Provide the kind of the objects."""
    found = registry.for_message("protocube.core.v1.ConfigMap")
    assert found is not None
    return found


def revision(kind: Kind, now: str | None, before: str | None = None, *, version: int) -> Revision:
    """Return a revision in which an object gets a label, or goes for ``None``.

    ``before`` is the label that it had, as far as the store has kept that; ``version`` counts the
    writes of the object.
    """
    key = kind.key("default", "a")

    def record(label: str | None, at: int) -> Record | None:
        if label is None:
            return None
        stored = value("a", "text", label)
        return Record(
            key=key, value=stored, create_revision=2, mod_revision=at, version=version - (at < 9)
        )

    event = Event(key=key, revision=9, record=record(now, 9), previous=record(before, 5))
    return Revision(number=9, events=(event,))


def responses(selection: Selection, found: Revision) -> tuple[bytes, ...]:
    """Return what a watch is sent of a revision."""
    seen = SeenEvents()
    events = [seen.of(selection.kind, event) for event in found.events]
    return encoding.responses(selection, found.number, events)


def seen(selection: Selection, found: Revision) -> list[tuple[int, str]]:
    """Return the types and labels of the events that a watch is sent."""
    events = [
        event
        for response in responses(selection, found)
        for event in services.ConfigMapWatchResponse.FromString(response).events
    ]
    return [(event.type, event.object.metadata.labels["label"]) for event in events]


@pytest.mark.parametrize("selector", _SELECTORS.values(), ids=_SELECTORS)
@pytest.mark.parametrize("now", ["x", "y", None], ids=["matches", "does-not", "is-gone"])
def test_a_selector_has_to_know_what_was_before(
    kind: Kind, selector: dict[str, Any], now: str | None
) -> None:
    """Whether an object is new to a selector, or has left it, depends on its former state."""
    found = revision(kind, now, version=3)
    selection = Selection(kind, **selector)
    with pytest.raises(errors.Expired, match="state before the event was compacted"):
        responses(selection, found)
    with pytest.raises(errors.Expired, match="state before the event was compacted"):
        Entry(found).responses(selection)
    with pytest.raises(errors.Expired, match="state before the event was compacted"):
        ManySelections(b"/registry/", [selection], SeenEvents()).responses(found)


def test_without_a_selector_a_change_needs_no_former_state(kind: Kind) -> None:
    """A version that is not the first is of an object that was there; what is gone was, too."""
    everything = Selection(kind)
    assert seen(everything, revision(kind, "x", version=3)) == [(MODIFIED, "x")]
    assert seen(everything, revision(kind, "x", version=1)) == [(ADDED, "x")]
    with pytest.raises(errors.Expired, match="state before the event was compacted"):
        responses(everything, revision(kind, None, version=3))


def test_a_damaged_object_whose_former_state_is_unknown(kind: Kind) -> None:
    """It is not there for a watch; whether it was cannot be told."""
    key = kind.key("default", "a")
    record = Record(key=key, value=b"\xff", create_revision=2, mod_revision=9, version=3)
    event = Event(key=key, revision=9, record=record, previous=None)
    with pytest.raises(errors.Expired, match="state before the event was compacted"):
        responses(Selection(kind), Revision(number=9, events=(event,)))


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, "x", [(ADDED, "x")]),
        (None, "y", []),
        ("x", "x", [(MODIFIED, "x")]),
        ("x", "y", [(DELETED, "x")]),
        ("x", None, [(DELETED, "x")]),
        ("y", "x", [(ADDED, "x")]),
        ("y", "y", []),
        ("y", None, []),
    ],
)
def test_a_selector_sees_comings_and_goings(
    kind: Kind, before: str | None, now: str | None, expected: list[tuple[int, str]]
) -> None:
    """Each pair of a former and a new state; facts do not hide any of them."""
    found = revision(kind, now, before, version=2 if before else 1)
    selection = Selection(kind, labels="label=x")
    assert seen(selection, found) == expected
    entry = Entry(found)
    known = entry.seen(kind, 0).facts
    assert known is not None
    assert any(fact in known for fact in selection.facts) == ("x" in (before, now))
    assert entry.seen(kind, 0).may_concern(selection) == ("x" in (before, now))
    assert len(entry.responses(selection)) == len(expected)


@pytest.mark.parametrize("now", ["x", "y", None], ids=["matches", "does-not", "is-gone"])
def test_facts_of_an_unknown_former_state_concern_everybody(kind: Kind, now: str | None) -> None:
    """Nobody sleeps through an event that has to be told as Expired."""
    (event,) = revision(kind, now, version=3).events
    assert SeenEvents().of(kind, event).facts is None
    assert SeenEvents().of(kind, event).may_concern(Selection(kind, labels="label=z"))
    (first,) = revision(kind, "y", version=1).events
    assert SeenEvents().of(kind, first).facts is not None
    assert not SeenEvents().of(kind, first).may_concern(Selection(kind, labels="label=z"))


def test_each_kind_of_many_sees_its_own_type(kind: Kind) -> None:
    """A watch over several kinds tells the same of an event as a watch of one."""
    many = ManySelections(b"/registry/", [Selection(kind, labels="label=x")], SeenEvents())
    (response,) = many.responses(revision(kind, "y", "x", version=2))
    (event,) = watches_pb2.WatchManyResponse.FromString(response).events
    assert event.type == DELETED
