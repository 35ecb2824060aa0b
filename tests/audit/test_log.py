"""The log's file: whole lines, for its owner alone, of a bounded size; and a disk without room."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import pytest

from protocube import errors
from protocube_server.audit.file import LogFile, Rotation
from protocube_server.audit.log import AuditLog, WhenFull

LINE = b"0123456789abcde\n"


def test_a_full_file_makes_way(tmp_path: Path) -> None:
    """No file is larger than it may be, no line is lost but with the oldest files."""
    path = tmp_path / "audit.log"
    file = LogFile(path, Rotation(size=3 * len(LINE), backups=2))
    for number in range(13):
        file.write(b"%015d\n" % number)
    file.close()
    assert [len(old.read_bytes()) for old in file.backups()] == [3 * len(LINE)] * 2
    left = b"".join(each.read_bytes() for each in (*file.backups(), path)).split()
    assert list(map(int, left)) == list(range(6, 13))
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}


def test_a_line_larger_than_a_file_is_written(tmp_path: Path) -> None:
    """It has a file of its own."""
    file = LogFile(tmp_path / "audit.log", Rotation(size=8, backups=0))
    file.write(LINE)
    file.write(LINE)
    file.close()
    assert len(file.backups()) == 1


def test_other_files_are_not_taken_for_old_logs(tmp_path: Path) -> None:
    """Only what the log has named itself is removed."""
    others = ["audit-notes.log", "audit-2026-01-01.log", "other.log"]
    for name in others:
        (tmp_path / name).touch()
    file = LogFile(tmp_path / "audit.log", Rotation(size=1, backups=1))
    for _ in range(4):
        file.write(LINE)
    file.close()
    assert {each.name for each in tmp_path.iterdir()} >= set(others)
    assert len(file.backups()) == 1


def test_a_log_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    """Another program may rotate it; a log that is there already is gone on with."""
    path = tmp_path / "audit.log"
    path.write_bytes(LINE)
    file = LogFile(path, Rotation())
    file.write(LINE)
    path.rename(tmp_path / "old")
    file.write(LINE)
    file.close()
    assert (tmp_path / "old").read_bytes() == LINE * 2
    assert path.read_bytes() == LINE


def test_a_pipe_needs_a_reader(tmp_path: Path) -> None:
    """Without one it is an error at once; with one it gets whole lines, however long it waits."""
    path = tmp_path / "audit.pipe"
    os.mkfifo(path)
    with pytest.raises(OSError, match="No such device or address"):
        LogFile(path, Rotation())
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    file = LogFile(path, Rotation(size=1))
    file.write(LINE)
    assert os.read(reader, 100) == LINE
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        file.write(LINE)
    file.close()


def test_half_a_line_spoils_no_other(tmp_path: Path) -> None:
    """A process that was killed has left it; the next one begins a line of its own."""
    path = tmp_path / "audit.log"
    path.write_bytes(LINE + LINE[:5])
    file = LogFile(path, Rotation())
    file.write(LINE)
    file.close()
    assert path.read_bytes() == LINE + LINE[:5] + b"\n" + LINE


def test_names_are_on_disk_as_lines_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was made just now is not there after a loss of power, whatever is in it."""
    folders: list[int] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        sync(descriptor)
        folders.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", noted)
    file = LogFile(tmp_path / "audit.log", Rotation(size=len(LINE)))
    file.write(LINE)
    assert folders == [tmp_path.stat().st_ino]
    file.write(LINE)
    file.close()
    assert folders == [tmp_path.stat().st_ino] * 2, "a rotation has two names to keep"


async def test_lines_are_on_disk_when_that_is_said(tmp_path: Path) -> None:
    """Each call waits for its own line; what nobody waits for is written at the end."""
    path = tmp_path / "audit.log"
    log = AuditLog(LogFile(path, Rotation()))
    async with log.running():
        for number in range(50):
            written = log.write(b"%015d\n" % number)
            assert written is not None
            await written
            assert path.stat().st_size == len(LINE) * (number + 1)
        log.offer(LINE)
    assert path.read_bytes().endswith(LINE)
    assert log.dropped == 0


async def test_lines_that_wait_are_bounded(tmp_path: Path) -> None:
    """What a slow disk has not taken does not fill the memory: the rest is refused, and counted."""
    log = AuditLog(LogFile(tmp_path / "audit.log", Rotation(size=0)))
    large = b"x" * 1024 * 1024
    async with log.running():
        # The thread gets them only when the event loop goes round.
        written = [log.write(large) for _ in range(70)]
        found = await asyncio.gather(*filter(None, written), return_exceptions=True)
    assert [type(each) for each in found] == [type(None)] * 64 + [errors.Unavailable] * 6
    assert log.dropped == 6
    assert (tmp_path / "audit.log").stat().st_size == 64 * 1024 * 1024


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
async def test_a_full_disk_blocks(caplog: pytest.LogCaptureFixture) -> None:
    """No call is answered, and none that would change something begins."""
    log = AuditLog(LogFile(FULL, Rotation()))
    async with log.running():
        log.require_room()
        written = log.write(LINE)
        assert written is not None
        with pytest.raises(errors.Unavailable, match="the audit log cannot be written"):
            await written
        with pytest.raises(errors.Unavailable, match="--audit-when-full=block"):
            log.require_room()
    assert "the audit log cannot be written: No space left on device" in caplog.messages


async def test_what_could_not_be_written_is_written_later(tmp_path: Path) -> None:
    """Then calls go on. The lines are there once, and whole."""
    folder = tmp_path / "log"
    folder.mkdir()
    path = folder / "audit.log"
    log = AuditLog(LogFile(path, Rotation()))
    async with log.running():
        # Nothing can be put in the place of a folder.
        path.unlink()
        path.mkdir()
        written = log.write(LINE)
        assert written is not None
        with pytest.raises(errors.Unavailable):
            await written
        path.rmdir()
        async with asyncio.timeout(20):
            again = log.write(LINE)
            assert again is not None
            await again
        log.require_room()
    assert path.read_bytes() == LINE * 2


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
async def test_a_full_disk_can_be_dropped_at(caplog: pytest.LogCaptureFixture) -> None:
    """Calls are answered; the lines are counted, and the log says it once a minute."""
    caplog.set_level(logging.ERROR)
    log = AuditLog(LogFile(FULL, Rotation()), WhenFull.DROP)
    async with log.running():
        for _ in range(3):
            assert log.write(LINE) is None
            log.require_room()
            while log.dropped == 0:  # noqa: ASYNC110  # a thread counts it
                await asyncio.sleep(0)
        while log.dropped < 3:  # noqa: ASYNC110  # a thread counts it
            await asyncio.sleep(0)
    lost = [text for text in caplog.messages if "are lost" in text]
    assert lost == ["lines of the audit log are lost (1): No space left on device"]
