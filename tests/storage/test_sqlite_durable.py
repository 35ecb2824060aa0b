"""What a killed process cannot show, because the system keeps what it wrote: a loss of power.

What must be on disk is asked of SQLite, and of the calls that the programs make of the system.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from protocube_server.storage.sqlite import SqliteStore
from tests.server.store_commands import run

_FULL = 2
"""SQLite's number: a commit waits for the disk."""


async def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """The connection that writes has a log, and syncs it before it says that something is done."""
    store = await SqliteStore.open(tmp_path / "store.db")
    asked = ("synchronous", "journal_mode", "fullfsync")

    def ask(ledger: Any) -> dict[str, Any]:
        connection: sqlite3.Connection = ledger._connection
        return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked}

    found = await store._writer.run(ask)
    assert found["synchronous"] == _FULL
    assert found["journal_mode"] == "wal"
    await store.close()


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Provide what the programs have asked of the disk, in order, by the names of files."""
    found: list[tuple[str, str]] = []
    sync, replace = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        found.append(("sync", Path(f"/proc/self/fd/{descriptor}").readlink().name))
        sync(descriptor)

    def replaced(source: Any, target: Any, **options: Any) -> None:
        found.append(("replace", Path(target).name))
        replace(source, target, **options)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    return found


@pytest.mark.parametrize("command", ["backup", "restore", "export"])
def test_a_file_is_on_disk_before_it_has_its_name(
    tmp_path: Path, steps: list[tuple[str, str]], command: str
) -> None:
    """Then its name is, too, before the command says that it is done."""
    folder = tmp_path / "store"
    folder.mkdir()
    url = f"sqlite:{folder}/store.db"
    _killed(folder / "store.db", "first")
    places = {"backup": tmp_path / "copy.db", "export": tmp_path / "all.jsonl"}
    target = places.get(command, folder / "store.db")
    if command == "restore":
        assert run("backup", places["backup"], "--store", url).exit_code == 0
        steps.clear()
        result = run("restore", places["backup"], "--store", url, "--force")
    else:
        result = run(command, target, "--store", url)
    assert result.exit_code == 0, result.output
    part = ("sync", f"{target.name}.part")
    named, folder_synced = ("replace", target.name), ("sync", target.parent.name)
    assert part in steps
    assert named in steps
    assert folder_synced in steps
    assert steps.index(part) < steps.index(named) < steps.index(folder_synced), steps
    if command == "restore":
        aside = ("replace", f"{target.name}.replaced")
        assert steps.index(part) < steps.index(aside) < steps.index(named), steps
    if command == "backup":
        assert steps[-1] == ("sync", f"{target.name}.sha256")


def test_what_a_killed_server_left_is_not_replayed_into_a_restored_store(tmp_path: Path) -> None:
    """Its log goes aside with its file; together they are still the store that was replaced."""
    path, copy = tmp_path / "store.db", tmp_path / "copy.db"
    url = f"sqlite:{path}"
    first = _killed(path, "first")
    assert run("backup", copy, "--store", url).exit_code == 0
    second = _killed(path, "second")
    log = path.with_name("store.db-wal")
    assert log.stat().st_size > 0, "the server that was killed has left no log"
    kept = log.read_bytes()
    result = run("restore", copy, "--store", url, "--force")
    assert result.exit_code == 0, result.output
    assert not log.exists()
    assert path.with_name("store.db.replaced-wal").read_bytes() == kept
    assert _keys(path) == first
    assert _keys(path.with_name("store.db.replaced")) == first + second


_WRITING = """
import asyncio, os, signal, sys
from protocube_server.storage.sqlite import SqliteStore

async def main():
    store = await SqliteStore.open(sys.argv[1])
    for number in range(50):
        await store.create(f"/{sys.argv[2]}/{number:02}".encode(), b"x" * 1000)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def _killed(path: Path, folder: str) -> list[bytes]:
    """Write to a store in a process that is killed then; return the keys."""
    words = [sys.executable, "-c", _WRITING, str(path), folder]
    done = subprocess.run(words, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    return [f"/{folder}/{number:02}".encode() for number in range(50)]


def _keys(path: Path) -> list[bytes]:
    with closing(sqlite3.connect(path)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM current ORDER BY key")]
