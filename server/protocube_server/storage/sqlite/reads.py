"""The queries of the SQLite store. Each runs within one snapshot of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import base, ranges, revisions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_GET = """
SELECT h.key, h.value, h.create_revision, h.revision, h.version
FROM current c JOIN history h ON h.id = c.id
WHERE c.key = ?
"""

# The keys of a range as they are now, and as they were. Ids grow with revisions, so a
# key's newest row at a revision is the one with its highest id up to there, and SQLite
# takes a bare column beside max() from that row. The index alone answers both.
_NOW = "SELECT key, id FROM current WHERE key >= :first AND key < :end"
_THEN = """
SELECT key, max(id) AS id, version FROM history INDEXED BY history_by_key
WHERE key >= :first AND key < :end
  AND id <= (
    SELECT id FROM history WHERE revision <= :revision ORDER BY revision DESC, id DESC LIMIT 1)
GROUP BY key HAVING version > 0
"""
_PAGE = """
SELECT h.key, h.value, h.create_revision, h.revision, h.version
FROM ({keys} ORDER BY key LIMIT :limit) c JOIN history h ON h.id = c.id
ORDER BY c.key
"""
_PAGE_NOW, _PAGE_THEN = _PAGE.format(keys=_NOW), _PAGE.format(keys=_THEN)
_COUNT_NOW = f"SELECT count(*) FROM ({_NOW})"  # noqa: S608  # our own text
_COUNT_THEN = f"SELECT count(*) FROM ({_THEN})"  # noqa: S608  # our own text

# The plus keeps SQLite from walking the keys' index: events come in the order of ids.
_HISTORY = """
SELECT h.key, h.value, h.create_revision, h.revision, h.version,
       p.key, p.value, p.create_revision, p.revision, p.version
FROM history h LEFT JOIN history p ON p.id = h.previous AND p.value IS NOT NULL
WHERE h.revision > :after AND +h.key >= :first AND +h.key < :end
ORDER BY h.revision, h.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where the store stands."""

    revision: int
    compacted: int
    purged: int
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Consecutive history of one prefix: all of it up to revision ``through``."""

    revisions: tuple[base.Revision, ...]
    through: int


def state(connection: sqlite3.Connection) -> State:
    """Return the newest and the compacted revision, and the store's own name."""
    row = connection.execute("SELECT revision, compacted, purged, identity FROM state").fetchone()
    return State(revision=row[0], compacted=row[1], purged=row[2], identity=row[3])


def gets(connection: sqlite3.Connection, keys: Sequence[bytes]) -> list[base.Record | None]:
    """Return the newest state of each of ``keys``."""
    rows = (connection.execute(_GET, (key,)).fetchone() for key in keys)
    return [_record(*row) if row else None for row in rows]


def page(
    connection: sqlite3.Connection, prefix: bytes, *, start: bytes, limit: int, at: int
) -> base.Page:
    """Return part of a prefix, as :meth:`base.Store.list` says."""
    now = state(connection)
    revision = at or now.revision
    if revision < now.compacted:
        raise _expired(revision, now)
    if revision > now.revision:
        message = f"the revision {revision} is in the future; the newest is {now.revision}"
        raise errors.Timeout(message)
    is_now = revision == now.revision
    parameters = {
        "first": max(prefix, start),
        "end": ranges.end_of(prefix),
        "revision": revision,
        "limit": limit + 1 if limit else -1,  # One more shows whether there is more.
    }
    rows = connection.execute(_PAGE_NOW if is_now else _PAGE_THEN, parameters).fetchall()
    count = len(rows)
    more = 0 < limit < count
    if more:
        rows.pop()
        (count,) = connection.execute(_COUNT_NOW if is_now else _COUNT_THEN, parameters).fetchone()
    records = tuple(_record(*row) for row in rows)
    return base.Page(records=records, revision=revision, more=more, count=count)


def history(
    connection: sqlite3.Connection, prefix: bytes, *, after: int, events: int, size: int
) -> Stretch:
    """Return the revisions behind ``after`` that changed a key below ``prefix``.

    Stops behind the revision that reaches that many ``events``, or bytes of ``size``,
    so that a reader far behind costs bounded memory. Raises ``errors.Expired``.
    """
    now = state(connection)
    if after < now.compacted:
        raise _expired(after, now)
    cursor = connection.execute(
        _HISTORY, {"after": after, "first": prefix, "end": ranges.end_of(prefix)}
    )
    given: list[base.Revision] = []
    taken = taken_size = 0
    for revision in revisions.whole(_events(cursor)):
        if taken >= events or taken_size >= size:
            return Stretch(revisions=tuple(given), through=given[-1].number)
        given.append(revision)
        taken += len(revision.events)
        taken_size += sum(map(revisions.size_of, revision.events))
    return Stretch(revisions=tuple(given), through=max(now.revision, after))


def _expired(revision: int, now: State) -> errors.Expired:
    message = f"the revision {revision} has been compacted; the oldest is {now.compacted}"
    return errors.Expired(message)


def _events(cursor: sqlite3.Cursor) -> Iterator[base.Event]:
    for row in cursor:
        key, value, _, revision, _ = row[:5]
        yield base.Event(
            key=key,
            revision=revision,
            record=None if value is None else _record(*row[:5]),
            previous=None if row[5] is None else _record(*row[5:]),
        )


def _record(key: bytes, value: bytes, created: int, revision: int, version: int) -> base.Record:
    return base.Record(
        key=key, value=value, create_revision=created, mod_revision=revision, version=version
    )
