"""Judges what became of the namespaces that tenants have made, by the store's own history.

- A namespace is marked as being deleted only if that was asked for, and goes only when it was
  marked and nothing is in it.
- What is in a namespace that is not marked goes only if that was asked for.
- Nothing is made in a namespace that is marked, or not there.
- In the end no namespace is there that was marked, or whose deletion was acknowledged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.faults.subjects import DAMAGED
from tests.simulation.kinds import CONTENTS, NAMESPACES
from tests.simulation.tenants import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Event
    from tests.simulation.history import History
    from tests.simulation.store import World
    from tests.simulation.tenants import Told


def faults(world: World, told: Told) -> list[str]:
    """Return what is wrong with the namespaces of a run that has ended."""
    found = [
        f"epoch {past.epoch}: {text}"
        for past in (*world.pasts, world.history)
        for text in _of_history(past, told)
    ]
    return found + [f"{name} has never ended" for name in unfinished(world.history, told)]


def unfinished(history: History, told: Told) -> list[str]:
    """Return the names of the namespaces that have still to end."""
    acknowledged = {
        deletion.uid
        for deletion in told.deletions
        if deletion.epoch == history.epoch
        or deletion.revision <= history.shares.get(deletion.epoch, 0)
    }
    there = {name: _there(history, name) for name in NAMES}
    return [
        name
        for name, item in there.items()
        if item and (_is_marked(item) or item.metadata.uid in acknowledged)
    ]


def _of_history(history: History, told: Told) -> Iterator[str]:
    states = {name: _State(name) for name in NAMES}
    places = {NAMESPACES.key("", name): states[name] for name in NAMES}
    contents = {kind.prefix(name): (states[name], kind) for name in NAMES for kind in CONTENTS}
    for revision in history.all:
        for event in revision.events:
            if event.key in places:
                yield from places[event.key].moved(event, told)
            state, kind = contents.get(event.key[: event.key.rfind(b"/") + 1], (None, None))
            if state is not None and kind is not None:
                yield from state.content(kind, event, told)


@dataclass(slots=True)
class _State:
    """A namespace as it is at one revision of a history."""

    name: str
    is_there: bool = False
    is_marked: bool = False
    keys: set[bytes] = field(default_factory=set)
    """Of what is in it."""

    def moved(self, event: Event, told: Told) -> Iterator[str]:
        """Take in a change of the namespace itself; yield what is wrong with it."""
        if event.record is None:
            if not self.is_marked:
                yield f"{self.name} went at {event.revision} without having been marked"
            if self.keys:
                yield f"{self.name} went at {event.revision} and left {sorted(self.keys)}"
            self.is_there = self.is_marked = False
            return
        item = NAMESPACES.parse(event.record.value)
        was_marked, self.is_there, self.is_marked = self.is_marked, True, _is_marked(item)
        if self.is_marked and item.metadata.uid not in told.asked:
            yield f"{self.name} was marked at {event.revision}, which was not asked for"
        if was_marked and not self.is_marked:
            yield f"{self.name} lost its mark at {event.revision}"

    def content(self, kind: Kind, event: Event, told: Told) -> Iterator[str]:
        """Take in a change of an object in it; yield what is wrong with it."""
        if event.record is not None:
            if event.previous is None and (self.is_marked or not self.is_there):
                state = "is ending" if self.is_there else "is not there"
                yield f"{event.key!r} was made at {event.revision} in what {state}"
            self.keys.add(event.key)
            return
        self.keys.discard(event.key)
        if self.is_marked or event.previous is None or event.previous.value == DAMAGED:
            return
        if kind.parse(event.previous.value).metadata.uid not in told.asked:
            yield f"{event.key!r} was deleted at {event.revision}, which was not asked for"


def _there(history: History, name: str) -> Any:
    record = history.get(NAMESPACES.key("", name))
    return NAMESPACES.parse(record.value) if record else None


def _is_marked(item: Any) -> bool:
    return bool(item.metadata.HasField("deletion_timestamp"))
