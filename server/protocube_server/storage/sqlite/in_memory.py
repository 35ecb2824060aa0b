"""A store that goes with its server: files in the machine's memory, where it has a folder for that.

SQLite's own databases in memory have no log that readers could use beside a writer.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

PATH = ":memory:"
"""The path by which such a store is asked for, as SQLite's own."""
NAME = "store.db"
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # each store has a folder of its own in it
_PREFIX = "protocube-"


def folder() -> Path:
    """Make a folder for one store, for this user alone.

    Folders of processes that were killed are removed. Raises ``OSError``.
    """
    base = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for other in base.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, ValueError):
            if other.stat().st_uid == os.geteuid() and not _runs(_process(other)):
                shutil.rmtree(other)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=base))


def _process(path: Path) -> int:
    return int(path.name.removeprefix(_PREFIX).partition("-")[0])


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
