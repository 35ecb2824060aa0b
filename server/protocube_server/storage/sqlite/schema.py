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

_STEPS = (
    """
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
""",
    # The store's own name, which its backups and exports carry.
    """
ALTER TABLE state ADD COLUMN identity TEXT NOT NULL DEFAULT '';
UPDATE state SET identity = lower(hex(randomblob(16)));
""",
)
"""Each brings the layout from its index to the next version; a change adds one.

A new file takes all of them, so that there is no second description of the newest layout.
"""
VERSION = len(_STEPS)
"""The layout that this program reads and writes, in the file's ``user_version``."""

_MIGRATION = """
BEGIN IMMEDIATE;
%s
PRAGMA application_id = %d;
PRAGMA user_version = %d;
COMMIT;
"""


def prepare(connection: sqlite3.Connection, path: str) -> None:
    """Create the tables in an empty file, or bring older ones up to date, all or nothing.

    Raises ``errors.Unavailable`` for another program's file and for a newer layout.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (version, tables) != (0, 0):
        require_ours(connection, path)
    if version < VERSION:
        steps = "".join(_STEPS[version:])
        connection.executescript(_MIGRATION % (steps, APPLICATION_ID, VERSION))


def require_ours(connection: sqlite3.Connection, path: str) -> None:
    """Raise ``errors.Unavailable`` for a file that is no store, or one of a newer program."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        message = f"{path} is a database of another program, not a Protocube store"
        raise errors.Unavailable(message)
    if version > VERSION:
        message = (
            f"{path} was written by a newer Protocube"
            f" (layout {version}; this one knows layouts up to {VERSION})"
        )
        raise errors.Unavailable(message)
