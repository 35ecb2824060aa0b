"""The log that readers share: what it keeps, what it drops, and what it encodes once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube.core.v1 import config_map_service_pb2 as services
from protocube_server.cache import Selection, encoding, log
from protocube_server.cache.log import Log
from protocube_server.storage.base import Event, Record, Revision
from tests.cache.conftest import value

if TYPE_CHECKING:
    import pytest

    from protocube_server.kinds.registry import Registry


def _revision(number: int, *names: str) -> Revision:
    def event(name: str) -> Event:
        key = f"/registry/configmaps/default/{name}".encode()
        record = Record(
            key=key, value=value(name), create_revision=number, mod_revision=number, version=1
        )
        return Event(key=key, revision=number, record=record, previous=None)

    return Revision(number=number, events=tuple(map(event, names)))


def test_a_place_behind_a_revision() -> None:
    """Reading from the place behind a revision gives exactly the later ones."""
    kept = Log(since=5)
    for number in (7, 8, 11):
        kept.append(_revision(number, "a"))

    def read(after: int) -> list[int]:
        return [entry.revision.number for entry in kept.read(kept.place_behind(after))]

    assert [read(after) for after in (5, 7, 9, 11)] == [[7, 8, 11], [8, 11], [11], []]


def test_the_oldest_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full log drops its oldest revisions, says since when it is whole, and which places went."""
    monkeypatch.setattr(log, "_MOST_REVISIONS", 3)
    kept = Log(since=0)
    first = kept.place_behind(0)
    for number in range(1, 6):
        kept.append(_revision(number, "a"))
    assert not kept.has(first)
    assert kept.since == 2
    place = kept.place_behind(2)
    assert kept.has(place)
    assert [entry.revision.number for entry in kept.read(place)] == [3, 4, 5]


def test_bytes_are_bounded_and_the_newest_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the last revision is, it is there for those who wait for it."""
    monkeypatch.setattr(log, "_MOST_BYTES", 10)
    kept = Log(since=0)
    for number in range(1, 4):
        kept.append(_revision(number, "a", "b"))
    assert [entry.revision.number for entry in kept.read(kept.place_behind(kept.since))] == [3]


def test_one_encoding_serves_all_who_ask_in_the_same_words(registry: Registry) -> None:
    """Equal selections get the very same bytes; another selection gets its own."""
    kind = next(kind for kind in registry if kind.resource.kind == "ConfigMap")
    kept = Log(since=0)
    kept.append(_revision(1, "a"))
    (entry,) = kept.read(0)
    one, two = (entry.responses(Selection(kind, namespace="default")) for _ in range(2))
    assert one is two
    assert len(one) == 1
    assert entry.responses(Selection(kind, namespace="other")) == ()


def test_joined_responses_are_one_response(registry: Registry) -> None:
    """The responses of several revisions, joined, hold all events and the last version."""
    kind = next(kind for kind in registry if kind.resource.kind == "ConfigMap")
    everything = Selection(kind)
    parts = [
        *log.Entry(_revision(1, "a", "b")).responses(everything),
        *log.Entry(_revision(2, "c")).responses(everything),
    ]
    joined = services.ConfigMapWatchResponse.FromString(b"".join(parts))
    assert [event.object.metadata.name for event in joined.events] == ["a", "b", "c"]
    assert joined.resource_version == "2"


def test_a_revision_that_is_too_large_comes_in_parts(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part fits, all but the last have no version, and together they hold every event."""
    monkeypatch.setattr(encoding, "MOST_BYTES", 200)
    kind = next(kind for kind in registry if kind.resource.kind == "ConfigMap")
    names = [f"n{number}" for number in range(10)]
    parts = log.Entry(_revision(7, *names)).responses(Selection(kind))
    found = [services.ConfigMapWatchResponse.FromString(part) for part in parts]
    assert len(found) > 1
    assert all(len(part) < 250 for part in parts)
    assert [part.resource_version for part in found] == [""] * (len(found) - 1) + ["7"]
    assert [event.object.metadata.name for part in found for event in part.events] == names
