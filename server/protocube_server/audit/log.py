"""Writes lines in a thread, many at a time, and says when they are written.

A disk that is full or slow holds up the thread and not the event loop. What happens to calls then
is the operator's choice: ``block`` answers no call whose line is not on disk, ``drop`` answers
them all and counts the lines that are lost.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import queue
import threading
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from protocube import errors

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.audit.file import Sink

_MOST_LINES: Final = 10_000
_MOST_BYTES: Final = 64 * 1024 * 1024
"""Lines that wait, and their bytes, beyond which no more are taken: memory is bounded, too."""
_BATCH: Final = 1000
_AGAIN_SECONDS: Final = 1.0
"""After so long what could not be written is tried again."""
_SAY_EVERY_SECONDS: Final = 60.0
_LAST_SECONDS: Final = 5.0
"""So long a server that stops waits for its last lines."""

_LOG = logging.getLogger("protocube.server")


class WhenFull(enum.StrEnum):
    """What happens to calls whose lines cannot be written."""

    BLOCK = "block"
    DROP = "drop"


@dataclass(slots=True, eq=False)
class _Line:
    data: bytes
    written: asyncio.Future[None] | None
    """Settled once it is on disk; ``None`` when nobody waits for that."""


class AuditLog:
    """Lines on their way to a sink, while :meth:`running` runs."""

    def __init__(self, sink: Sink, when_full: WhenFull = WhenFull.BLOCK) -> None:
        self.dropped = 0
        """Lines that were lost."""
        self._sink = sink
        self._blocks = when_full is WhenFull.BLOCK
        self._queue: queue.SimpleQueue[list[_Line] | None] = queue.SimpleQueue()
        self._next_lines: list[_Line] = []
        """Those that came in this round of the event loop: the thread gets them together."""
        self._waiting = self._size = 0
        """Lines in the queue and those that the thread holds, and their bytes."""
        self._fault = ""
        """Why nothing can be written now."""
        self._said = -_SAY_EVERY_SECONDS
        self._unsaid = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Write what comes; on the way out, write what is left and close the sink."""
        self._loop = asyncio.get_running_loop()
        thread = threading.Thread(target=self._write_all, name="audit", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._hand_over()
            self._queue.put(None)
            await asyncio.to_thread(thread.join, _LAST_SECONDS)
            if thread.is_alive():
                _LOG.error("the last lines of the audit log could not be written")

    def require_room(self) -> None:
        """Refuse a call that would change something while its line could not be written.

        Raises ``errors.Unavailable``.
        """
        if self._blocks and self._fault:
            raise _unavailable()

    def offer(self, data: bytes) -> None:
        """Write a line for which no call waits."""
        self._put(_Line(data, None))

    def write(self, data: bytes) -> asyncio.Future[None] | None:
        """Write a line; return what its call has to wait for, ``None`` for nothing.

        That raises ``errors.Unavailable`` when it cannot be written. It is written later then,
        if that is possible.
        """
        if not self._blocks:
            self._put(_Line(data, None))
            return None
        assert self._loop is not None  # noqa: S101  # calls come while it runs
        written = self._loop.create_future()
        self._put(_Line(data, written))
        return written

    def _put(self, line: _Line) -> None:
        if self._waiting >= _MOST_LINES or self._size >= _MOST_BYTES:
            self._drop(1, "too many lines wait")
            _settle(line, _unavailable())
            return
        self._waiting += 1
        self._size += len(line.data)
        self._next_lines.append(line)
        if len(self._next_lines) == 1:
            assert self._loop is not None  # noqa: S101  # calls come while it runs
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        if self._next_lines:
            lines, self._next_lines = self._next_lines, []
            self._queue.put(lines)

    def _drop(self, count: int, why: str) -> None:
        """Count lines that are lost, and say it once in a while."""
        self.dropped += count
        self._unsaid += count
        now = time.monotonic()
        if now - self._said >= _SAY_EVERY_SECONDS:
            _LOG.error("lines of the audit log are lost (%d): %s", self._unsaid, why)
            self._said, self._unsaid = now, 0

    def _write_all(self) -> None:
        """Write until the queue says that there is no more: what the thread does."""
        kept: list[_Line] = []
        while True:
            lines, is_last = self._next(kept)
            kept = []
            if lines:
                fault = self._try(b"".join(line.data for line in lines))
                if fault and self._blocks and not is_last:
                    kept = lines
                self._tell(lines, fault, is_kept=bool(kept))
            if is_last:
                self._sink.close()
                return

    def _next(self, kept: list[_Line]) -> tuple[list[_Line], bool]:
        """Return what is to be written next, and whether it is the last."""
        found = list(kept)
        try:
            # What failed before is tried again after a while, with what came meanwhile.
            lines = self._queue.get(timeout=_AGAIN_SECONDS) if kept else self._queue.get()
            while lines is not None:
                found += lines
                if len(found) - len(kept) >= _BATCH:
                    return found, False
                lines = self._queue.get_nowait()
        except queue.Empty:
            return found, False
        return found, True

    def _try(self, data: bytes) -> str:
        try:
            self._sink.write(data)
            if self._blocks:
                self._sink.sync()
        except (OSError, ValueError) as error:
            return str(getattr(error, "strerror", None) or error)
        return ""

    def _tell(self, lines: list[_Line], fault: str, *, is_kept: bool) -> None:
        assert self._loop is not None  # noqa: S101  # the thread is started by it
        try:
            self._loop.call_soon_threadsafe(self._told, lines, fault, is_kept)
        except RuntimeError:
            return  # The loop has ended: nobody waits.

    def _told(self, lines: list[_Line], fault: str, is_kept: bool) -> None:  # noqa: FBT001  # call_soon passes no keywords
        """Settle what calls wait for."""
        if fault and not self._fault:
            _LOG.error("the audit log cannot be written: %s", fault)
        elif self._fault and not fault:
            _LOG.warning("the audit log is written again")
        self._fault = fault
        if not is_kept:
            self._waiting -= len(lines)
            self._size -= sum(len(line.data) for line in lines)
            if fault:
                self._drop(len(lines), fault)
        error = _unavailable() if fault else None
        for line in lines:
            _settle(line, error)


def _settle(line: _Line, error: errors.ApiError | None) -> None:
    written, line.written = line.written, None
    if written is None or written.done():
        return
    if error is None:
        written.set_result(None)
    else:
        written.set_exception(error.with_message(error.message))


def _unavailable() -> errors.Unavailable:
    return errors.Unavailable(
        "the audit log cannot be written (--audit-when-full=block)", retry_after=1
    )
