"""The recent revisions of one kind, which all its readers share.

A reader is a place in the log. What it has not read yet it gets in one piece, however
much that is; one whose place was dropped has to catch up from the store.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from protocube_server.cache import encoding
from protocube_server.storage import revisions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.cache.selection import Selection
    from protocube_server.storage.base import Revision

_MOST_REVISIONS = 4096
_MOST_BYTES = 8 * 1024 * 1024
_MOST_FORMS = 8
"""Selections whose bytes an entry keeps; others are encoded again for each reader."""


class Entry:
    """One revision and the responses that were made of it."""

    __slots__ = ("_forms", "revision", "size")

    def __init__(self, revision: Revision) -> None:
        self.revision = revision
        self.size = sum(map(revisions.size_of, revision.events))
        self._forms: dict[Selection, tuple[bytes, ...]] = {}

    def responses(self, selection: Selection) -> tuple[bytes, ...]:
        """See :func:`encoding.responses`; encoded once for all who select the same."""
        try:
            return self._forms[selection]
        except KeyError:
            encoded = encoding.responses(selection, self.revision)
            if len(self._forms) < _MOST_FORMS:
                self._forms[selection] = encoded
            return encoded


class Log:
    """The revisions behind ``since``, none missing."""

    def __init__(self, since: int) -> None:
        self.since = since
        self.is_ended = False
        """Its feed was lost: there is another log, or the store."""
        self.news = asyncio.Event()
        """Set with the next revision, or when the log ends; then there is another one."""
        self._former_news = self.news
        self._entries: deque[Entry] = deque()
        self._numbers: deque[int] = deque()
        self._size = 0
        self._dropped = 0

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
        self._wake()

    def end(self) -> None:
        """Say that nothing follows any more."""
        self.is_ended = True
        # The former one, too: what ended the log may have come between the two.
        self._former_news.set()
        self.news.set()

    def place_behind(self, number: int) -> int:
        """Return the place behind revision ``number``, which must not be before ``since``."""
        return self._dropped + bisect_right(self._numbers, number)

    def has(self, place: int) -> bool:
        """Tell whether nothing from ``place`` on was dropped, and more can follow."""
        return place >= self._dropped and not self.is_ended

    def read(self, place: int) -> Iterator[Entry]:
        """Return what there is from ``place`` on."""
        return islice(self._entries, place - self._dropped, None)

    def _wake(self) -> None:
        self._former_news = self.news
        self.news = asyncio.Event()
        self._former_news.set()
