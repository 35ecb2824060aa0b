"""``cubectl`` in this process: the same code as the command's, with its streams at hand."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube_client.cli import main
from protocube_client.cli.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Mapping


class Terminal(io.StringIO):
    """A stream that people look at."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What one run gave."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """Runs commands with one environment."""

    environ: Mapping[str, str]

    def __call__(self, *args: str, stdin: bytes = b"", to_terminal: bool = False) -> Done:
        """Run ``cubectl ARGS``, with standard output at a terminal if that is said."""
        out = Terminal() if to_terminal else io.StringIO()
        err = io.StringIO()
        streams = Streams(stdin=io.BytesIO(stdin), out=out, err=err)
        code = main.run(args, streams, self.environ)
        return Done(code=code, out=out.getvalue(), err=err.getvalue())
