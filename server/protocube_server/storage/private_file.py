"""New files that only their owner may read, and that are whole after any loss of power."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MODE = 0o600
"""What is in a store may be secret."""


def create(path: Path) -> IO[bytes]:
    """Return a new file, open for writing, in the place of what an earlier attempt left there.

    It has :data:`MODE` from its first byte on, whatever the umask. Raises ``OSError``.
    """
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    return os.fdopen(descriptor, "wb")


def put(part: Path, target: Path) -> None:
    """Give a file that is written its name, in the place of what has that.

    When this returns it is on disk. Whenever the power fails, one of the two is there, whole.
    Raises ``OSError``.
    """
    sync(part)
    part.replace(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a directory, are on disk. Raises ``OSError``."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
