"""The tables of the SQLite store, and the version of their layout.

``history`` has every write since the last compaction, the newest of each key always.
Its ids grow with the revisions, so an id orders events across and within revisions.
``current`` has the id of each existing key's newest row. ``state`` has one row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors

if TYPE_CHECKING:
    import sqlite3

APPLICATION_ID = 0x43554245
"""``CUBE``, in the file's header: tells our files from any other program's."""
VERSION = 1
"""The layout below, in the file's ``user_version``. A change adds one and a migration."""

_LAYOUT = """
BEGIN IMMEDIATE;
CREATE TABLE history (
  id INTEGER PRIMARY KEY,
  revision INTEGER NOT NULL,
  key BLOB NOT NULL,
  value BLOB,                        -- NULL: likewise
  create_revision INTEGER NOT NULL,
  version INTEGER NOT NULL,          -- 0: the key was deleted
  previous INTEGER                   -- the id of the row this one replaced
);
CREATE INDEX history_by_revision ON history (revision);
CREATE INDEX history_by_key ON history (key, id, version);
CREATE TABLE current (key BLOB PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  revision INTEGER NOT NULL,         -- the newest
  compacted INTEGER NOT NULL,        -- reads before it are refused
  purged INTEGER NOT NULL            -- rows that it made superfluous are gone up to here
);
INSERT INTO state VALUES (1, 1, 0, 0);
PRAGMA application_id = %d;
PRAGMA user_version = %d;
COMMIT;
"""


def prepare(connection: sqlite3.Connection, path: str) -> None:
    """Create the tables in an empty file; refuse one that this program cannot read.

    Raises ``errors.Unavailable`` for another program's file and for a newer layout.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (application, version, tables) == (0, 0, 0):
        connection.executescript(_LAYOUT % (APPLICATION_ID, VERSION))
        return
    if application != APPLICATION_ID:
        message = f"{path} is a database of another program, not a Protocube store"
        raise errors.Unavailable(message)
    if version > VERSION:
        message = (
            f"{path} was written by a newer Protocube"
            f" (layout {version}; this one knows layouts up to {VERSION})"
        )
        raise errors.Unavailable(message)
