"""The recent revisions of one kind, which all its readers share.

A reader is a place in the log. What it has not read yet it gets in one piece, however
much that is; one whose place was dropped has to catch up from the store.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from protocube_server.cache import encoding, facts
from protocube_server.cache.waiters import Waiters
from protocube_server.storage import revisions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.cache.facts import Fact
    from protocube_server.cache.selection import Selection
    from protocube_server.cache.waiters import Waiter
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Revision

_MOST_REVISIONS = 4096
_MOST_BYTES = 8 * 1024 * 1024
_MOST_FORMS = 8
"""Selections whose bytes an entry keeps; others are encoded again for each reader."""

_MOST_FACTS = 256
"""Entries whose facts are kept, for readers who were woken and come to read them. They take more
room than small events do themselves."""

_Facts = tuple["frozenset[Fact] | None", ...]


class Entry:
    """One revision and the responses that were made of it."""

    __slots__ = ("_facts", "_forms", "revision", "size")

    def __init__(self, revision: Revision) -> None:
        self.revision = revision
        self.size = sum(map(revisions.size_of, revision.events))
        self._forms: dict[Selection, tuple[bytes, ...]] = {}
        self._facts: tuple[Kind, _Facts] | None = None

    def responses(self, selection: Selection) -> tuple[bytes, ...]:
        """See :func:`encoding.responses`; encoded once for all who select the same."""
        try:
            return self._forms[selection]
        except KeyError:
            if not self._may_concern(selection):
                return ()
            encoded = encoding.responses(selection, self.revision)
            if len(self._forms) < _MOST_FORMS:
                self._forms[selection] = encoded
            return encoded

    def facts(self, kind: Kind) -> _Facts:
        """Return the facts about the object of each event, worked out once."""
        if self._facts is None or self._facts[0] is not kind:
            found = tuple(facts.of_event(kind, event) for event in self.revision.events)
            self._facts = (kind, found)
        return self._facts[1]

    def forget_facts(self) -> None:
        """Free the room that they take."""
        self._facts = None

    def _may_concern(self, selection: Selection) -> bool:
        """Tell whether something here may be selected, from what is known already."""
        if selection.fact is None or self._facts is None or self._facts[0] is not selection.kind:
            return True
        return any(known is None or selection.fact in known for known in self._facts[1])


class Log:
    """The revisions behind ``since``, none missing."""

    def __init__(self, since: int) -> None:
        self.since = since
        self.is_ended = False
        """Its feed was lost: there is another log, or the store."""
        self._waiters = Waiters()
        self._told = since
        """The newest revision that all whom it may concern were woken for."""
        self._entries: deque[Entry] = deque()
        self._numbers: deque[int] = deque()
        self._size = 0
        self._dropped = 0

    @property
    def newest(self) -> int:
        """The newest revision that is in it, 0 for none."""
        return self._numbers[-1] if self._numbers else 0

    def append(self, revision: Revision) -> None:
        """Add a revision and wake the readers."""
        entry = Entry(revision)
        # What fails on the way ends the feed, and with it this log, before anybody reads on.
        self._entries.append(entry)
        self._numbers.append(revision.number)
        self._size += entry.size
        # The newest one stays, of whatever size.
        while len(self._entries) > 1 and (
            self._size > _MOST_BYTES or len(self._entries) > _MOST_REVISIONS
        ):
            dropped = self._entries.popleft()
            self.since = self._numbers.popleft()
            self._size -= dropped.size
            self._dropped += 1
        if len(self._entries) > _MOST_FACTS:
            self._entries[-_MOST_FACTS - 1].forget_facts()
        self._tell(entry)

    def end(self) -> None:
        """Say that nothing follows any more."""
        self.is_ended = True
        for waiter in self._waiters.all():
            waiter.wake()

    def place_behind(self, number: int) -> int:
        """Return the place behind revision ``number``, which must not be before ``since``."""
        return self._dropped + bisect_right(self._numbers, number)

    def has(self, place: int) -> bool:
        """Tell whether nothing from ``place`` on was dropped, and more can follow."""
        return place >= self._dropped and not self.is_ended

    def read(self, place: int) -> Iterator[Entry]:
        """Return what there is from ``place`` on."""
        return islice(self._entries, place - self._dropped, None)

    def wait(self, selection: Selection) -> Waiter:
        """Let a reader who has read all wait for what may concern it, and for the end.

        The reader must :meth:`leave` again.
        """
        return self._waiters.add(selection)

    def leave(self, waiter: Waiter) -> tuple[int, int]:
        """Return where a reader goes on, and the revision up to which nothing concerned it."""
        self._waiters.discard(waiter)
        if waiter.place is None:
            return self._dropped + len(self._entries), self._told
        return waiter.place, waiter.seen

    def _tell(self, entry: Entry) -> None:
        place = self._dropped + len(self._entries) - 1
        for waiter in self._waiters.concerned(entry):
            if waiter.place is None:
                waiter.place, waiter.seen = place, self._told
                waiter.wake()
        self._told = entry.revision.number
