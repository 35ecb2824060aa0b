"""Notices that a store's files are not where they were opened.

A file that was removed, moved or replaced goes on working for the process that has it open:
SQLite would acknowledge writes to it that no later start finds. The same holds for its log and
its index of the log; and without the lock file a second server could open the store. A file
that was filled with another history, as by ``.restore`` in a sqlite3 shell, is missed likewise.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from protocube import errors

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIXES = ("", "-wal", "-shm", ".lock")

_log = logging.getLogger(__name__)


class InPlace:
    """The files of a store that is open, as they were when this was made.

    Once one of them was missed the store stays refused, even if the file comes back: what was
    done to it meanwhile is not known. Safe to use from several threads.
    """

    def __init__(self, path: Path) -> None:
        """Raises ``OSError`` when one of the files is not there."""
        self._path = path
        names = (f"{path}{suffix}" for suffix in _SUFFIXES)
        self._known = tuple((name, *_identity(name)) for name in names)
        self._lost = ""

    @property
    def is_lost(self) -> bool:
        """Whether one of them was missed."""
        return bool(self._lost)

    def require_history(self, *, is_known: bool) -> None:
        """Raise as :meth:`require` when the file holds another history than before."""
        if not is_known:
            self._lose("it was filled with another history while the server had it open")
        self.require()

    def require(self) -> None:
        """Raise ``errors.Unavailable``, which says what to do, unless all files are in place."""
        if not self._lost:
            lost = self._missed()
            if lost is None:
                return
            self._lose(f"{lost} was removed or replaced while the server had it open")
        raise errors.Unavailable(f"cannot use {self._path}: {self._lost}; restart the server")

    def _lose(self, why: str) -> None:
        if not self._lost:
            self._lost = why
            _log.error("cannot use %s: %s; restart the server", self._path, why)

    def _missed(self) -> str | None:
        for name, device, inode in self._known:
            try:
                if _identity(name) != (device, inode):
                    return name
            except OSError:
                return name
        return None


def _identity(name: str) -> tuple[int, int]:
    found = os.stat(name)  # noqa: PTH116  # four a transaction, at half of what Path takes
    return found.st_dev, found.st_ino
