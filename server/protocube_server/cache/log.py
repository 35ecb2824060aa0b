"""The recent revisions of one kind, which all its readers share.

A reader is a place in the log. What it has not read yet it gets in one piece, however
much that is; one whose place was dropped has to catch up from the store.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from protocube_server.cache import encoding
from protocube_server.cache.seen import SeenEvents
from protocube_server.cache.waiters import Waiters
from protocube_server.storage import revisions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.cache.seen import SeenEvent
    from protocube_server.cache.selection import Selection
    from protocube_server.cache.waiters import Waiter
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Revision

_MOST_REVISIONS = 4096
_MOST_BYTES = 8 * 1024 * 1024
_MOST_FORMS = 8
"""Selections whose bytes an entry keeps; others are encoded again for each reader."""


class Entry:
    """One revision and the responses that were made of it.

    ``seen`` keeps what is read of its events.
    """

    __slots__ = ("_forms", "_seen", "revision", "size")

    def __init__(self, revision: Revision, seen: SeenEvents | None = None) -> None:
        self.revision = revision
        self.size = sum(map(revisions.size_of, revision.events))
        self._seen = seen or SeenEvents()
        self._forms: dict[Selection, tuple[bytes, ...]] = {}

    def responses(self, selection: Selection) -> tuple[bytes, ...]:
        """See :func:`encoding.responses`; encoded once for all who select the same."""
        try:
            return self._forms[selection]
        except KeyError:
            seen = (self.seen(selection.kind, index) for index in range(len(self.revision.events)))
            encoded = encoding.responses(selection, self.revision.number, seen)
            if encoded and len(self._forms) < _MOST_FORMS:
                self._forms[selection] = encoded
            return encoded

    def seen(self, kind: Kind, index: int) -> SeenEvent:
        """Return an event, which is read once."""
        return self._seen.of(kind, self.revision.events[index])


class Log:
    """The revisions behind ``since``, none missing. ``seen`` keeps what is read of them."""

    def __init__(self, since: int, seen: SeenEvents | None = None) -> None:
        self.since = since
        self.is_ended = False
        """Its feed was lost: there is another log, or the store."""
        self._waiters = Waiters()
        self._seen = seen or SeenEvents()
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
        entry = Entry(revision, self._seen)
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

    def has_behind(self, place: int) -> bool:
        """Tell whether there is something from ``place`` on."""
        return place < self._dropped + len(self._entries)

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
