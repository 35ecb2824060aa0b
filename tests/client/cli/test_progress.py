"""The line that tells how far long work has come."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import pytest

from protocube_client.cli import progress
from protocube_client.cli.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

ERASE = "\r\x1b[K"


class _Terminal(io.StringIO):
    def __init__(self) -> None:
        super().__init__()
        self.written = asyncio.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.written.set()
        return super().write(text)


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _line(files: list[str] | None, *, seconds: float, done: int, size: int) -> str:
    """Return what is shown after some work."""
    terminal, clock = _Terminal(), _Clock()
    shown = Progress(terminal, files, clock=clock)
    for _ in range(done):
        shown.counting(None, size)()
    clock.now = seconds
    shown.show()
    return terminal.getvalue().removeprefix(ERASE)


@pytest.mark.parametrize(
    ("seconds", "done", "size", "line"),
    [
        (2, 100, 10, "100 done, 50/s, 18 s left"),
        (600, 2000, 1, "2000 done, 3/s, 40 min left"),
        (3600, 100, 10, "100 done, 0/s, 9.0 h left"),
        (2, 1000, 10, "1000 done, 500/s, 0 s left"),
        (2, 0, 0, "0 done, 0/s"),
    ],
)
def test_it_counts_and_foretells(
    tmp_path: Path, seconds: float, done: int, size: int, line: str
) -> None:
    """The time that is left follows from the bytes that are."""
    file = tmp_path / "x.yaml"
    file.write_bytes(b"x" * 10_000)
    assert _line([str(file)], seconds=seconds, done=done, size=size) == line


def test_without_files_it_counts_only() -> None:
    """Nobody knows how much will come through a pipe."""
    assert _line(None, seconds=2, done=100, size=10) == "100 done, 50/s"


def test_forty_columns_are_enough(tmp_path: Path) -> None:
    """Also for large numbers."""
    file = tmp_path / "x.yaml"
    file.write_bytes(b"x" * 10_000_000)
    line = _line([str(file)], seconds=4000, done=20_000, size=1)
    assert len(line) <= 40


async def test_a_result_takes_the_line_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both may go to one terminal, and at the end nothing is left of it."""
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", 0)
    terminal = _Terminal()
    with Progress(terminal, None) as shown:
        async with asyncio.timeout(5):
            await terminal.written.wait()
        shown.counting(lambda: None, 1)()
        assert terminal.getvalue().endswith(ERASE)
        shown.show()
        assert terminal.getvalue().endswith("/s")
    assert terminal.getvalue().endswith(ERASE)


async def test_short_work_shows_nothing() -> None:
    """A line that comes and goes at once only flickers."""
    terminal = _Terminal()
    with Progress(terminal, None) as shown:
        shown.counting(lambda: None, 1)()
        await asyncio.sleep(0)
    assert terminal.getvalue() == ""


async def test_a_file_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard error that goes elsewhere stays clean."""
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", 0)
    stream = io.StringIO()
    with Progress(stream, None):
        for _ in range(20):
            await asyncio.sleep(0)
    assert stream.getvalue() == ""
