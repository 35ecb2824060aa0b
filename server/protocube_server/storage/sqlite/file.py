"""Opening a store's file: its directory, its lock, its connections, its faults."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage.base import Full
from protocube_server.storage.sqlite import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE_FILE = 0o600  # SQLite gives its -wal and -shm files the mode of the main file.
_BUSY_SECONDS = 10.0  # A person's sqlite3 shell or backup may hold the file for a moment.


class Lock:
    """One server's claim on a store, held until :meth:`release` or the process ends.

    It lies on a file beside the store. On the store's own file it would not do:
    closing any descriptor of that drops the locks that SQLite itself has on it.
    """

    def __init__(self, path: Path) -> None:
        beside = path.with_name(f"{path.name}.lock")
        with faults(path):
            self._descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._descriptor, 32).decode(errors="replace").strip()
            os.close(self._descriptor)
            who = f"another server (process {holder})" if holder else "another server"
            message = f"{path} is open in {who}; a SQLite store belongs to one server at a time"
            raise errors.Unavailable(message) from None
        # The process id is for people; a full disk must not keep a server from starting.
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let another server open the store. Doing it twice is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def locate(path: Path | str) -> Path:
    """Return ``path`` as an absolute one, with ``~`` for the home directory.

    Links are followed: a file is locked by its own name, whichever way it was reached.
    """
    with faults(Path(path)):
        try:
            return Path(path).expanduser().resolve()
        except RuntimeError as error:  # No such home.
            raise OSError(str(error)) from error


def claim(path: Path) -> Lock:
    """Lock the store at ``path`` and make sure that it is one, creating it if need be.

    Raises ``errors.Unavailable`` with a sentence that names the path. Its folder is not made: one
    that is not there was mistyped, or is a volume that is not mounted.
    """
    with faults(path):
        if not path.parent.exists():
            raise errors.Unavailable(f"cannot use {path}: there is no folder {path.parent}")
    lock = Lock(path)
    try:
        with faults(path):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE))
            with contextlib.closing(connect(path)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                schema.prepare(connection, str(path))
    except BaseException:
        lock.release()
        raise
    return lock


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection for one thread at a time, without implicit transactions."""
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    # A commit returns when the log is on disk, not merely in the system's cache.
    connection.execute("PRAGMA synchronous = FULL")
    return connection


@contextlib.contextmanager
def faults(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system raise into ``errors.Unavailable`` that names ``path``."""
    try:
        yield
    except sqlite3.Error as error:
        raise fault(path, error) from error
    except OSError as error:
        message = f"cannot use {path}: {error.strerror or error}"
        raise errors.Unavailable(message) from error


def fault(path: Path, error: sqlite3.Error) -> errors.Unavailable:
    """Return ``error`` as a sentence about ``path``."""
    code = _code(error)
    said = _SENTENCES.get(code, str(error))
    found = Full if code == sqlite3.SQLITE_FULL else errors.Unavailable
    return found(f"cannot use {path}: {said}")


def is_broken(error: sqlite3.Error) -> bool:
    """Tell whether the disk failed, so that what is on it is not known."""
    return _code(error) in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT)


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # The rest is detail.


_SENTENCES = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_NOTADB: "it is not a database",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
}
