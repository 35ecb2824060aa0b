"""Events whose objects are read once, however many watch them with selectors of their own."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple

from protocube import errors, memo
from protocube_server.cache import facts, traits
from protocube_server.storage import revisions

if TYPE_CHECKING:
    from protocube_server.cache.facts import Fact
    from protocube_server.cache.selection import Selection
    from protocube_server.cache.traits import Traits
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Event, Record

_MOST: Final = 1024
_MOST_BYTES: Final = 8 * 1024 * 1024
"""What is kept for those who come to read an event: so many events, of so many bytes."""


class State(NamedTuple):
    """An object before an event or behind it."""

    traits: Traits
    answer: bytes
    """The object as a caller gets it; one from before the event is at the event's revision."""


class SeenEvent:
    """An event of an object of a kind. What is asked of it is worked out once."""

    def __init__(self, kind: Kind, event: Event) -> None:
        self.event = event
        self._kind = kind

    @memo.cached_property
    def now(self) -> State | None:
        """The object behind the event, ``None`` when it is not there or is damaged."""
        return self._state(self.event.record, 0)

    @memo.cached_property
    def before(self) -> State | None:
        """The object before the event, likewise."""
        return self._state(self.event.previous, self.event.revision)

    @memo.cached_property
    def told(self) -> tuple[Traits, ...] | None:
        """What the object was and is, as far as it was there and is, and differs.

        ``None`` when a value cannot be read, or the one before was compacted away.
        """
        before, now = self.event.previous, self.event.record
        if before is None and (now is None or now.version > 1):
            return None
        if (before is not None and before.passes) or (now is not None and now.passes):
            return None
        if (before is None) != (self.before is None) or (now is None) != (self.now is None):
            return None
        found = (state.traits for state in (self.before, self.now) if state is not None)
        return tuple(dict.fromkeys(found))

    @memo.cached_property
    def facts(self) -> frozenset[Fact] | None:
        """The facts about the object; ``None`` when they cannot be told."""
        if self.told is None:
            return None
        return frozenset().union(*(facts.of(self._kind, found) for found in self.told))

    def may_concern(self, selection: Selection) -> bool:
        """Tell whether the object is selected before the event or behind it, or may be."""
        told = self.told
        if told is None:
            return True
        for found in told:  # noqa: SIM110  # every event is held against every such watch
            if selection.holds(found):
                return True
        return False

    def _state(self, record: Record | None, revision: int) -> State | None:
        if record is None:
            return None
        try:
            message, answer = self._kind.opened(record, revision)
        except errors.Damaged:
            return None
        return State(traits.of(self._kind, record.key, message), answer)


class SeenEvents:
    """The newest events that were read, for all logs and readers of a server."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, Kind], SeenEvent] = OrderedDict()
        """By the event itself, which stays the same one as long as it is kept."""
        self._size = 0

    def of(self, kind: Kind, event: Event) -> SeenEvent:
        """Return an event as it is seen with the eyes of a kind."""
        found = self._kept.get((id(event), kind))
        if found is None:
            found = self._kept[id(event), kind] = SeenEvent(kind, event)
            self._size += revisions.size_of(event)
            while len(self._kept) > _MOST or (self._size > _MOST_BYTES and len(self._kept) > 1):
                _, oldest = self._kept.popitem(last=False)
                self._size -= revisions.size_of(oldest.event)
        return found
