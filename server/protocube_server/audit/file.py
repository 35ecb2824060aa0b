"""The file that audit lines go to: for its owner alone, and never larger than it may be."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

STDOUT = "-"
"""In the place of a file's name: standard output."""

_MODE = 0o600
# Opening does not block: a pipe that nobody reads is an error, and not a wait without end.
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK


class Sink(Protocol):
    """Where lines go. All methods are called by one thread."""

    def write(self, data: bytes) -> None:
        """Append whole lines, or nothing of them. Raises ``OSError``."""
        ...

    def sync(self) -> None:
        """Wait until what was written is on disk. Raises ``OSError``."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """When a file makes way for a new one, and how many old ones are kept."""

    size: int = 100 * 1024 * 1024
    """Bytes; 0 lets it grow."""
    backups: int = 10
    """Old files; 0 keeps all."""


class Stdout:
    """Standard output."""

    def write(self, data: bytes) -> None:
        """See :class:`Sink`; what a reader has not taken, it waits for."""
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def sync(self) -> None:
        """See :class:`Sink`."""

    def close(self) -> None:
        """See :class:`Sink`."""


class LogFile:
    """A file at a path, opened anew when it was moved away.

    Full, it becomes ``NAME-TIME.SUFFIX`` beside it, and the oldest of those go.
    """

    def __init__(self, path: Path, rotation: Rotation) -> None:
        """Open the file. Raises ``OSError``."""
        self._path = path
        self._rotation = rotation
        self._descriptor = -1
        self._size = 0
        self._identity = (0, 0)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._open()

    def write(self, data: bytes) -> None:
        """See :class:`Sink`."""
        self._make_way(len(data))
        done = 0
        try:
            while done < len(data):
                done += os.write(self._descriptor, data[done:])
        except OSError:
            # Half a line would spoil the next one.
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += done

    def sync(self) -> None:
        """See :class:`Sink`."""
        with contextlib.suppress(InterruptedError):
            os.fdatasync(self._descriptor)

    def close(self) -> None:
        """See :class:`Sink`."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _make_way(self, coming: int) -> None:
        if not self._is_in_place():
            self.close()
            self._open()
        most = self._rotation.size
        if most and self._size and self._size + coming > most:
            self._rotate()

    def _is_in_place(self) -> bool:
        if self._descriptor < 0:
            return False
        try:
            found = self._path.stat()
        except OSError:
            return False
        if (found.st_dev, found.st_ino) != self._identity:
            return False
        # Another program may have cut it, or may write to it as well.
        self._size = found.st_size
        return True

    def _open(self) -> None:
        descriptor = os.open(self._path, _FLAGS, _MODE)
        try:
            os.set_blocking(descriptor, True)
            found = os.fstat(descriptor)
            if stat.S_ISDIR(found.st_mode):
                raise IsADirectoryError(21, "Is a directory")
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        self._identity = (found.st_dev, found.st_ino)
        self._size = found.st_size
        if stat.S_ISREG(found.st_mode):
            # Whoever was killed over a line has left half of it.
            if found.st_size and self._last_byte() != b"\n":
                self._size += os.write(descriptor, b"\n")
            self._keep_name()

    def _last_byte(self) -> bytes:
        """Return it; a line's end of a file that may be written and not read."""
        try:
            with self._path.open("rb") as file:
                file.seek(-1, os.SEEK_END)
                return file.read(1)
        except PermissionError:
            return b"\n"

    def _keep_name(self) -> None:
        """Wait until the file's name is on disk: its lines are lost without that."""
        # A folder that may not be read cannot be waited for.
        with contextlib.suppress(PermissionError):
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _rotate(self) -> None:
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            return
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%f")
        self._path.rename(self._path.with_name(f"{self._path.stem}-{now}{self._path.suffix}"))
        self.close()
        self._open()
        if self._rotation.backups:
            for old in self.backups()[: -self._rotation.backups]:
                old.unlink(missing_ok=True)

    def backups(self) -> list[Path]:
        """Return the files that made way, the oldest first."""
        stem, suffix = self._path.stem, self._path.suffix
        known = []
        for path in self._path.parent.iterdir():
            name = path.name
            if not (name.startswith(f"{stem}-") and name.endswith(suffix)):
                continue
            time = name[len(stem) + 1 : len(name) - len(suffix)]
            with contextlib.suppress(ValueError):
                datetime.strptime(time, "%Y-%m-%dT%H-%M-%S.%f").replace(tzinfo=UTC)
                known.append(path)
        return sorted(known)


def opened(where: str, rotation: Rotation) -> Sink:
    """Return the sink of a path, or of :data:`STDOUT`. Raises ``OSError``."""
    return Stdout() if where == STDOUT else LogFile(Path(where), rotation)
