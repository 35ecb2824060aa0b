"""What a simulated store holds: every revision, in memory, with the meaning of the contract."""

from __future__ import annotations

import copy
from bisect import bisect_right
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import base, limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class History:
    """A revisioned map and all that it was. It has no awaits: what runs on it is atomic."""

    def __init__(self) -> None:
        self.revision = 1
        self.compacted = 0
        self.epoch = 0
        """How often there was another history before it."""
        self.shares: dict[int, int] = {}
        """Up to which revision it is the same as those of earlier epochs that it comes from."""
        self.all: list[base.Revision] = []
        """Every revision from the beginning, compacted or not: for who judges a run."""
        self._made: list[base.Revision] = []
        self._states: dict[bytes, list[tuple[int, base.Record | None]]] = {}

    def copy(self) -> History:
        """Return a backup: what happens here later does not happen there."""
        made = copy.copy(self)
        made.all, made._made = self.all.copy(), self._made.copy()
        made._states = {key: states.copy() for key, states in self._states.items()}
        return made

    def get(self, key: bytes, at: int = 0) -> base.Record | None:
        """Return a key as it is, or was at a revision."""
        states = self._states.get(key, [])
        place = bisect_right(states, at, key=lambda state: state[0]) if at else len(states)
        return states[place - 1][1] if place else None

    def page(self, prefix: bytes, *, start: bytes, limit: int, at: int) -> base.Page:
        """See :meth:`base.Store.list`."""
        revision = at or self.revision
        self.require_kept(revision)
        if revision > self.revision:
            raise errors.Timeout(f"the revision {revision} is in the future: {self.revision}")
        first = max(prefix, start)
        keys = sorted(key for key in self._states if key.startswith(prefix) and key >= first)
        found = [record for key in keys if (record := self.get(key, revision)) is not None]
        records = tuple(found[:limit] if limit else found)
        more = len(records) < len(found)
        return base.Page(records=records, revision=revision, more=more, count=len(found))

    def write(self, batch: Sequence[base.Write]) -> tuple[base.Outcome, ...]:
        """See :meth:`base.Store.write`."""
        limits.check(batch)
        number = self.revision + 1
        events: list[base.Event] = []
        outcomes = tuple(self._outcome(part, number, events) for part in batch)
        if events:
            self.revision = number
            made = base.Revision(number=number, events=tuple(events))
            self._made.append(made)
            self.all.append(made)
        return outcomes

    def behind(self, after: int, prefix: bytes) -> Iterator[base.Revision]:
        """Yield the revisions behind ``after`` that changed a key below ``prefix``."""
        self.require_kept(after)
        first = bisect_right(self._made, after, key=lambda revision: revision.number)
        for revision in self._made[first:]:
            events = tuple(event for event in revision.events if event.key.startswith(prefix))
            if events:
                yield base.Revision(number=revision.number, events=events)

    def compact(self, revision: int) -> None:
        """See :meth:`base.Store.compact`."""
        if revision > self.revision:
            raise errors.Timeout(f"the revision {revision} is in the future: {self.revision}")
        self.compacted = max(self.compacted, revision)
        self._made = [made for made in self._made if made.number > self.compacted]
        for key, states in tuple(self._states.items()):
            newest = bisect_right(states, self.compacted, key=lambda state: state[0])
            del states[: max(newest - 1, 0)]
            if len(states) == 1 and states[0][1] is None and states[0][0] <= self.compacted:
                del self._states[key]

    def require_kept(self, revision: int) -> None:
        """Raise ``errors.Expired`` for a revision that is compacted."""
        if revision < self.compacted:
            message = f"the revision {revision} has been compacted; the oldest is {self.compacted}"
            raise errors.Expired(message)

    def _outcome(self, part: base.Write, number: int, events: list[base.Event]) -> base.Outcome:
        writes = part.writes if isinstance(part, base.Set) else (part,)
        for write in writes:
            current = self.get(write.key)
            if write.expected not in (None, current.mod_revision if current else 0):
                return base.Refused(key=write.key, current=current)
        for guard in part.guards if isinstance(part, base.Set) else ():
            current = self.get(guard.key)
            if guard.revision != (current.mod_revision if current else 0):
                return base.Refused(key=guard.key, current=current, by_guard=True)
        before = len(events)
        done = tuple(self._apply(write, number, events) for write in writes)
        if not isinstance(part, base.Set):
            return done[0]
        at = number if len(events) > before else self.revision
        return base.SetDone(revision=at, outcomes=done)

    def _apply(
        self, write: base.Put | base.Remove, number: int, events: list[base.Event]
    ) -> base.Done:
        previous = self.get(write.key)
        record = None
        if isinstance(write, base.Put):
            record = base.Record(
                key=write.key,
                value=write.value,
                create_revision=previous.create_revision if previous else number,
                mod_revision=number,
                version=previous.version + 1 if previous else 1,
            )
        elif previous is None:
            return base.Done(revision=self.revision, record=None, previous=None)
        self._states.setdefault(write.key, []).append((number, record))
        events.append(base.Event(key=write.key, revision=number, record=record, previous=previous))
        return base.Done(revision=number, record=record, previous=previous)
