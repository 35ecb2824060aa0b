"""What a transaction of the SQLite store's writer may do.

One ledger belongs to the writer's thread. Several callers' writes go into one
transaction of the file, each at a revision of its own.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import base
from protocube_server.storage.sqlite import reads

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_CURRENT = """
SELECT h.id, h.key, h.value, h.create_revision, h.revision, h.version
FROM current c JOIN history h ON h.id = c.id WHERE c.key = ?
"""
_MOD_REVISION = """
SELECT h.revision FROM current c JOIN history h ON h.id = c.id WHERE c.key = ?
"""
_APPEND = """
INSERT INTO history (revision, key, value, create_revision, version, previous)
VALUES (?, ?, ?, ?, ?, ?)
"""
_POINT = "INSERT INTO current VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET id = excluded.id"
_DROP = "DELETE FROM current WHERE key = ?"

# A row is superfluous when a row up to the compaction replaced it, and so is a deletion.
_PURGE_REPLACED = """
DELETE FROM history WHERE id IN (
  SELECT previous FROM history WHERE revision > :after AND revision <= :through)
"""
_PURGE_DELETIONS = """
DELETE FROM history WHERE revision > :after AND revision <= :through AND value IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    id: int
    record: base.Record


class Ledger:
    """The open transaction: its writes, and the revisions they make."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        state = reads.state(connection)
        self._revision, self._identity = state.revision, state.identity
        self._made: list[base.Revision] = []
        self._guarding: dict[bytes, int] = {}
        """The revisions of keys that guards asked for, as this transaction has them."""

    @contextlib.contextmanager
    def transaction(self) -> Iterator[list[base.Revision]]:
        """Commit what is done inside, or undo all of it when something is raised.

        Returns the list of revisions made so far. They count only after the block.
        """
        before = self._revision
        self._made = []
        self._guarding = {}
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._made
            if self._revision != before:
                self._connection.execute("UPDATE state SET revision = ?", (self._revision,))
            self._connection.execute("COMMIT")
        except BaseException:
            self._revision = before
            # SQLite has already rolled back after some faults, a full disk among them.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @property
    def is_known(self) -> bool:
        """Whether the file holds what this ledger has written last, and nothing later."""
        state = reads.state(self._connection)
        return (state.revision, state.identity) == (self._revision, self._identity)

    def write(self, batch: Sequence[base.Write]) -> tuple[base.Outcome, ...]:
        """Apply a batch at one new revision, or at none when nothing changes."""
        revision = self._revision + 1
        events: list[base.Event] = []
        # A single one has nothing to undo: what fails in it fails in SQLite, and with that
        # the whole transaction. Each statement saved is a turn with the other threads saved.
        with contextlib.nullcontext() if _is_single(batch) else self._together():
            outcomes = tuple(self._outcome(write, revision, events) for write in batch)
        if events:
            self._revision = revision
            self._made.append(base.Revision(number=revision, events=tuple(events)))
        return outcomes

    def compact(self, revision: int) -> None:
        """Refuse reads before ``revision`` from now on. :meth:`purge` makes room."""
        if revision > self._revision:
            message = f"the revision {revision} is in the future; the newest is {self._revision}"
            raise errors.Timeout(message)
        self._connection.execute("UPDATE state SET compacted = max(compacted, ?)", (revision,))

    def purge(self, rows: int) -> bool:
        """Delete what the last compaction made superfluous, about ``rows`` of it.

        Says whether there is more.
        """
        state = reads.state(self._connection)
        if state.purged >= state.compacted:
            return False
        row = self._connection.execute(
            "SELECT revision FROM history WHERE revision > ? ORDER BY revision LIMIT 1 OFFSET ?",
            (state.purged, rows),
        ).fetchone()
        through = min(row[0], state.compacted) if row else state.compacted
        span = {"after": state.purged, "through": through}
        self._connection.execute(_PURGE_REPLACED, span)
        self._connection.execute(_PURGE_DELETIONS, span)
        self._connection.execute("UPDATE state SET purged = ?", (through,))
        return through < state.compacted

    @contextlib.contextmanager
    def _together(self) -> Iterator[None]:
        """Undo all that was done inside when something is raised."""
        self._connection.execute("SAVEPOINT batch")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO batch")
                self._connection.execute("RELEASE batch")
            raise
        self._connection.execute("RELEASE batch")

    def _outcome(self, write: base.Write, revision: int, events: list[base.Event]) -> base.Outcome:
        if isinstance(write, base.Set):
            return self._set(write, revision, events)
        found = self._find(write.key)
        refused = _refusal(write, found)
        return refused or self._apply(write, revision, events, found)

    def _set(self, together: base.Set, revision: int, events: list[base.Event]) -> base.Outcome:
        """Make the writes of a set after a look at all of its conditions."""
        there = [self._find(write.key) for write in together.writes]
        for write, found in zip(together.writes, there, strict=True):
            refused = _refusal(write, found)
            if refused:
                return refused
        for guard in together.guards:
            if not self._holds(guard):
                found = self._find(guard.key)
                current = found.record if found else None
                return base.Refused(key=guard.key, current=current, by_guard=True)
        before = len(events)
        outcomes = [
            self._apply(write, revision, events, found)
            for write, found in zip(together.writes, there, strict=True)
        ]
        at = revision if len(events) > before else self._revision
        return base.SetDone(revision=at, outcomes=tuple(outcomes))

    def _apply(
        self,
        write: base.Put | base.Remove,
        revision: int,
        events: list[base.Event],
        found: _Found | None,
    ) -> base.Done:
        previous = found.record if found else None
        if isinstance(write, base.Remove) and previous is None:
            return base.Done(revision=self._revision, record=None, previous=None)
        record = None
        if isinstance(write, base.Put):
            record = base.Record(
                key=write.key,
                value=write.value,
                create_revision=previous.create_revision if previous else revision,
                mod_revision=revision,
                version=previous.version + 1 if previous else 1,
            )
        self._append(write.key, revision, record, found)
        self._guarding.pop(write.key, None)
        events.append(
            base.Event(key=write.key, revision=revision, record=record, previous=previous)
        )
        return base.Done(revision=revision, record=record, previous=previous)

    def _holds(self, guard: base.Guard) -> bool:
        found = self._guarding.get(guard.key)
        if found is None:
            row = self._connection.execute(_MOD_REVISION, (guard.key,)).fetchone()
            found = self._guarding[guard.key] = row[0] if row else 0
        return found == guard.revision

    def _find(self, key: bytes) -> _Found | None:
        row = self._connection.execute(_CURRENT, (key,)).fetchone()
        if row is None:
            return None
        number, key, value, created, revision, version = row
        return _Found(
            id=number,
            record=base.Record(
                key=key,
                value=value,
                create_revision=created,
                mod_revision=revision,
                version=version,
            ),
        )

    def _append(
        self, key: bytes, revision: int, record: base.Record | None, replaces: _Found | None
    ) -> None:
        cursor = self._connection.execute(
            _APPEND,
            (
                revision,
                key,
                record.value if record else None,
                record.create_revision if record else 0,
                record.version if record else 0,
                replaces.id if replaces else None,
            ),
        )
        if record:
            self._connection.execute(_POINT, (key, cursor.lastrowid))
        else:
            self._connection.execute(_DROP, (key,))


def _is_single(batch: Sequence[base.Write]) -> bool:
    """Tell whether there is one write and no more."""
    if len(batch) != 1:
        return False
    (part,) = batch
    return not isinstance(part, base.Set) or len(part.writes) == 1


def _refusal(write: base.Put | base.Remove, found: _Found | None) -> base.Refused | None:
    """Return the refusal of a write whose own condition does not hold."""
    current = found.record if found else None
    if write.expected in (None, current.mod_revision if current else 0):
        return None
    return base.Refused(key=write.key, current=current)
