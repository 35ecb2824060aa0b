"""Prints the path of a manifest as it is walked: ``--trace``.

Every station is a line when it is entered (``->``) and one when it is left (``<-``),
indented below the station that called it. Without a trace nothing here runs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TextIO

Leave = Callable[[str], None]
"""Sets what the line says on which a station is left."""

_MOST_LINES = 60
_MOST_CHARACTERS = 400
"""Of one line; a manifest in JSON is often a single one."""
_INDENT = "  "


class Trace:
    """Writes the stations of a walk to a stream, indented by how deep they lie."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._depth = 0

    def line(self, text: str) -> None:
        """Write one line at the present depth."""
        self._stream.write(f"{_INDENT * self._depth}{text}\n")

    def text(self, label: str, content: str) -> None:
        """Write a text of several lines behind a bar; what is long is cut, and says so."""
        found = content.splitlines()
        self.line(f"{label}:")
        for item in found[:_MOST_LINES]:
            more = len(item) - _MOST_CHARACTERS
            cut = f" ... {more} more characters" if more > 0 else ""
            self.line(f"{_INDENT}| {item[:_MOST_CHARACTERS]}{cut}")
        if len(found) > _MOST_LINES:
            self.line(f"{_INDENT}| ... {len(found) - _MOST_LINES} more lines")

    @contextmanager
    def station(self, name: str) -> Iterator[Leave]:
        """Enter a station and leave it at the end, also when it fails."""
        said: list[str] = []
        self.line(f"-> {name}")
        self._depth += 1
        try:
            yield said.append
        except asyncio.CancelledError:
            said.append("interrupted")
            raise
        except BaseException as error:
            said.append(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
            raise
        finally:
            self._depth -= 1
            short = name.partition(" ")[0]
            self.line(f"<- {short}{' ' if said else ''}{', '.join(said)}")

    @contextmanager
    def request(self, method: str, body: bytes) -> Iterator[Callable[[bytes], None]]:
        """Show a call: its method, its bytes, and the answer's bytes and time."""

        def answered(answer: bytes) -> None:
            milliseconds = (time.perf_counter() - started) * 1000
            leave(f"answer {len(answer)} bytes after {milliseconds:.1f} ms")

        with self.station("Request") as leave:
            self.line(f"method:  {method}")
            self.line(f"request: {len(body)} bytes")
            started = time.perf_counter()
            yield answered


def station(trace: Trace | None, name: str) -> AbstractContextManager[Leave]:
    """Enter a station of ``trace``, or do nothing without one."""
    return nullcontext(_say_nothing) if trace is None else trace.station(name)


def _say_nothing(_: str) -> None:
    """Stand for a station's last line where there is no trace."""
