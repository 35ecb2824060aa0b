"""How far long work has come: one line on a terminal's standard error, gone at the end."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import TextIO

    from protocube_client.resource.visitor import Landing

_PATIENCE_SECONDS = 1.0
"""Work that is done sooner shows nothing."""
_INTERVAL_SECONDS = 0.25
_ERASE = "\r\x1b[K"
_MINUTE = 60
_HOUR = 3600


class Progress:
    """A context manager around the work, within a running event loop.

    Nothing is written where ``stream`` is no terminal. The time that is left is told when
    all ``files`` are known; it follows from their sizes and from what was read of them.
    """

    def __init__(
        self,
        stream: TextIO,
        files: Sequence[str] | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._files = files
        self._clock = clock
        self._started = 0.0
        self._done = 0
        self._bytes = 0
        self._total: int | None = None
        self._shown = False
        self._tick: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        """Begin to count the time."""
        self._started = self._clock()
        if self._stream.isatty():
            self._later(_PATIENCE_SECONDS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the line away."""
        if self._tick is not None:
            self._tick.cancel()
        self._hide()

    def counting(self, landing: Landing | None, size: int) -> Landing:
        """Return ``landing`` so that it counts an object of ``size`` bytes of its source."""

        def landed() -> None:
            self._done += 1
            self._bytes += size
            # Results may go to the same terminal.
            if landing is not None:
                self._hide()
                landing()

        return landed

    def show(self) -> None:
        """Write the line as of now, over the one before."""
        self._stream.write(f"{_ERASE}{self._text()}")
        self._stream.flush()
        self._shown = True

    def _text(self) -> str:
        """Return at most 40 columns."""
        seconds = max(self._clock() - self._started, 0.001)
        said = f"{self._done} done, {self._done / seconds:.0f}/s"
        if self._total is None and self._files is not None:
            self._total = sum(Path(file).stat().st_size for file in self._files)
        if not self._total or not self._bytes:
            return said
        left = seconds * max(self._total - self._bytes, 0) / self._bytes
        return f"{said}, {_about(left)} left"

    def _hide(self) -> None:
        if self._shown:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._shown = False

    def _later(self, seconds: float) -> None:
        self._tick = asyncio.get_running_loop().call_later(seconds, self._refresh)

    def _refresh(self) -> None:
        self.show()
        self._later(_INTERVAL_SECONDS)


def _about(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"
