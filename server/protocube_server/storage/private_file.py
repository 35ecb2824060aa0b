"""New files that only their owner may read: what is in a store may be secret."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MODE = 0o600


def create(path: Path) -> IO[bytes]:
    """Return a new file, open for writing, in the place of what an earlier attempt left there.

    It has :data:`MODE` from its first byte on, whatever the umask. Raises ``OSError``.
    """
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    return os.fdopen(descriptor, "wb")
