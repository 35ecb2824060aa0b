"""Which revision was the newest when: so the age of a write is known after any restart.

A store has no times, and objects say when they were made and not when they were written last.
So the leader notes now and then the time and the revision of the store, in one key for all that
is kept equally long. What is not newer than a mark was written before it. The marks are part of
the store: a backup that is restored brings those along that its revisions belong to.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from protocube_server.storage.base import Put

if TYPE_CHECKING:
    from protocube_server.storage.base import Store


class Mark(NamedTuple):
    """At this time the store was at this revision, or beyond it."""

    time: float
    revision: int


class Marks:
    """The marks of one key, oldest first, as far back as ``seconds`` and one more."""

    def __init__(self, store: Store, key: bytes, seconds: float) -> None:
        self._store = store
        self._key = key
        self._seconds = seconds
        self._marks: list[Mark] = []

    @property
    def newest(self) -> int:
        """The revision of the last mark, 0 without one."""
        return self._marks[-1].revision if self._marks else 0

    async def read(self) -> None:
        """Go on from what the store has. Marks that cannot be read are none."""
        record = await self._store.get(self._key)
        self._marks = _parsed(record.value) if record is not None else []
        if self.newest > await self._store.revision():
            # Those of another history of the store.
            self._marks = []

    async def add(self, mark: Mark) -> None:
        """Write one more mark. Raises what the store raises."""
        # Marks of a later time were made by a clock that was fast. What they stand for is taken
        # to be written now: it is kept longer, and nothing goes early.
        before = [item for item in self._marks if item.time <= mark.time]
        oldest = sum(item.time <= mark.time - self._seconds for item in before)
        marks = [*before[max(0, oldest - 1) :], mark]
        value = json.dumps([[round(item.time, 3), item.revision] for item in marks]).encode()
        # No other server writes it: the guard of the term sees to that. kine wants a condition.
        record = await self._store.get(self._key)
        expected = record.mod_revision if record is not None else 0
        await self._store.write((Put(key=self._key, value=value, expected=expected),))
        self._marks = marks

    def old(self, now: float) -> int:
        """Return the revision up to which all writes are old enough, 0 when none is known."""
        return max((m.revision for m in self._marks if m.time <= now - self._seconds), default=0)


def _parsed(value: bytes) -> list[Mark]:
    try:
        return [Mark(float(time), int(revision)) for time, revision in json.loads(value)]
    except (ValueError, TypeError, RecursionError):
        return []
