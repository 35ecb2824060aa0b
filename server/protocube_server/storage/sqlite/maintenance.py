"""Looking after a store's file: checks, copies that are whole, and putting one back.

Reading here needs no claim on the file: a server may go on writing to it. What is read
is one snapshot.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import private_file
from protocube_server.storage.sqlite import file, reads, schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PAGES = 256
"""Pages of a copy between two calls of ``Told``."""
_CHUNK = 1024 * 1024
_BUMP = 1_000_000_000
"""More revisions than are ever written between a backup and its restoration."""

_DANGLING = """
SELECT count(*) FROM current c LEFT JOIN history h ON h.id = c.id AND h.key = c.key
WHERE h.id IS NULL OR h.version = 0
"""
_VALUES = "SELECT h.key, h.value FROM current c JOIN history h ON h.id = c.id"
_AHEAD = "SELECT count(*) FROM history WHERE revision > (SELECT revision FROM state)"

Told = Callable[[int, int], None]
"""Told how many steps of a whole are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A backup that was made or restored."""

    revision: int
    size: int
    sha256: str


def problems(path: Path) -> list[str]:
    """Say what is wrong with a store's file: its pages, its indexes, its tables' agreement.

    Raises ``errors.Unavailable`` when it cannot be read or is no store.
    """
    with _reading(path) as connection:
        (*found,) = (row[0] for row in connection.execute("PRAGMA integrity_check") if row)
        found = [] if found == ["ok"] else found
        for text, query in (
            ("keys that point to no state", _DANGLING),
            ("writes of revisions that are not there yet", _AHEAD),
        ):
            (count,) = connection.execute(query).fetchone()
            if count:
                found.append(f"{count} {text}")
        return found


def backup(path: Path, target: Path, told: Told) -> Copy:
    """Copy a store, in use or not, to ``target``, with its checksum in ``target.sha256``.

    ``target`` appears whole or not at all. Raises ``errors.Unavailable``.
    """
    part = target.with_name(f"{target.name}.part")
    with _reading(path) as connection, file.faults(target):
        revision = reads.state(connection).revision
        private_file.create(part).close()
        with contextlib.closing(sqlite3.connect(part)) as copy:
            connection.backup(
                copy,
                pages=_PAGES,
                progress=lambda _, left, total: told(total - left, total),
            )
            # A copy lies alone: without the log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        made = Copy(revision=revision, size=part.stat().st_size, sha256=_sha256(part))
        private_file.put(part, target)
        with private_file.create(_checksum_of(target)) as checksum:
            checksum.write(f"{made.sha256}  {target.name}\n".encode())
        private_file.sync(_checksum_of(target))
    return made


def restore(
    source: Path, path: Path, *, key: bytes, accept: Callable[[bytes | None], None]
) -> Copy:
    """Put a backup in the place of the store at ``path``, which no process may have open.

    An older file is kept as ``PATH.replaced``. The revision jumps ahead and all before it
    counts as compacted, so that clients who saw what the backup does not have list anew.
    ``accept`` is given the backup's value of ``key``, and raises when it must not be put in
    place. Raises ``errors.Unavailable`` for a backup that is damaged, or is none.
    """
    checksum = _checksum_of(source)
    digest = ""
    with file.faults(source):
        digest = _sha256(source)
        if checksum.exists() and checksum.read_text().split()[:1] != [digest]:
            raise errors.Unavailable(f"{source} is not what {checksum.name} says: it is damaged")
    wrong = problems(source)
    if wrong:
        raise errors.Unavailable(f"{source} is damaged: {wrong[0]}")
    with _reading(source) as connection:
        (record,) = reads.gets(connection, [key])
    accept(record.value if record else None)
    with file.faults(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = file.Lock(path)
    try:
        with file.faults(path):
            part = path.with_name(f"{path.name}.part")
            with source.open("rb") as backup_file, private_file.create(part) as sink:
                shutil.copyfileobj(backup_file, sink, _CHUNK)
            revision = _jump(part)
            private_file.sync(part)
            if path.exists():
                _set_aside(path)
            private_file.put(part, path)
    finally:
        lock.release()
    return Copy(revision=revision, size=path.stat().st_size, sha256=digest)


def values(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys of a store's file and their values, as they are now.

    Raises ``errors.Unavailable`` when it cannot be read or is no store.
    """
    with _reading(path) as connection:
        yield from connection.execute(_VALUES)


def vacuum(path: Path) -> None:
    """Give the room of what was deleted back to the system. No process may have the file open."""
    lock = file.Lock(path)
    try:
        with file.faults(path), contextlib.closing(file.connect(path)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        lock.release()


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Provide a connection that reads one snapshot of a store's file."""
    with file.faults(path):
        if not path.exists():
            raise FileNotFoundError(2, "No such file", str(path))
        with contextlib.closing(file.connect(path)) as connection:
            connection.execute("PRAGMA query_only = ON")
            schema.require_ours(connection, str(path))
            connection.execute("BEGIN")
            reads.state(connection)
            yield connection


def _jump(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "UPDATE state SET revision = revision + ?, compacted = revision + ?", (_BUMP, _BUMP)
        )
        return reads.state(connection).revision


def _set_aside(path: Path) -> None:
    """Keep the file that is replaced, with its log: together they are a store."""
    for suffix in ("", "-wal", "-shm"):
        old = path.with_name(path.name + suffix)
        kept = path.with_name(f"{path.name}.replaced{suffix}")
        kept.unlink(missing_ok=True)
        if old.exists():
            old.replace(kept)


def _checksum_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
