"""A ``cube-apiserver`` in a process of its own, as a user runs it."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_READY = re.compile(r"ready on (\S+:\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProcess:
    """A running server."""

    address: str
    process: subprocess.Popen[str]


@contextlib.contextmanager
def running(store: Path, *flags: str) -> Iterator[ServerProcess]:
    """Start a server on the SQLite file ``store``; it is stopped at the end."""
    command = [sys.executable, "-m", "protocube_server", "--listen", "127.0.0.1:0", *flags]
    process = subprocess.Popen(
        [*command, "--store", f"sqlite:{store}"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    seen: list[str] = []
    address = ""
    for line in process.stderr:
        seen.append(line)
        if found := _READY.search(line):
            address = found[1]
            break
    reader = threading.Thread(target=_drain, args=(process.stderr, seen))
    reader.start()
    try:
        assert address, f"the server did not start: {''.join(seen)}"
        yield ServerProcess(address=address, process=process)
    finally:
        process.terminate()
        process.wait(timeout=20)
        reader.join()
        process.stderr.close()


def _drain(stream: IO[str], seen: list[str]) -> None:
    """Keep the pipe empty, or the server would stop at a write."""
    seen.extend(stream)
