"""Where a command reads and writes. Nothing else in the command line touches ``sys``."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field
from typing import BinaryIO, TextIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """The three streams of a command."""

    stdin: BinaryIO
    out: TextIO
    err: TextIO
    warnings: list[str] = field(default_factory=list)
    """What the server has warned of so far."""

    def warn(self, text: str) -> None:
        """Print a warning of the server, which counts for ``--warnings-as-errors``."""
        self.warnings.append(text)
        self.note(text)

    def note(self, text: str) -> None:
        """Print a warning of the command itself, which the server knows nothing of."""
        self.err.write(f"Warning: {text}\n")


def of_process() -> Streams:
    """Return the streams of this process, which speak UTF-8 whatever the locale says.

    A stream that was closed before the process began is empty, or takes everything.
    """
    for stream in (sys.stdout, sys.stderr):
        # A test or an embedding program may have put another object there.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    return Streams(
        stdin=sys.stdin.buffer if sys.stdin else io.BytesIO(),
        out=sys.stdout or io.StringIO(),
        err=sys.stderr or io.StringIO(),
    )
