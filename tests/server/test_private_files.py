"""Whatever a command of the server writes, only its owner may read it: objects may be secrets."""

from __future__ import annotations

import asyncio
import os
import stat
from typing import TYPE_CHECKING

import pytest

from protocube_server.storage.sqlite import SqliteStore
from tests.server.store_commands import fill, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOOSE, PRIVATE = 0o644, 0o600


@pytest.fixture
def no_umask() -> Iterator[None]:
    """Take nothing away from the modes that programs ask for."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the mode of each file in a folder."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.mark.usefixtures("no_umask")
def test_only_the_owner_reads_what_the_store_commands_write(tmp_path: Path) -> None:
    """Exports, backups, their checksums, restored and imported stores, and what lies beside them.

    A file that an earlier attempt has left, with a looser mode, is not written into.
    """
    url = f"sqlite:{tmp_path}/store.db"
    asyncio.run(fill(url, "a"))
    for name in ("all.jsonl.part", "copy.db.part", "copy.db.sha256", "restored.db.part"):
        (tmp_path / name).write_bytes(b"left")
        (tmp_path / name).chmod(LOOSE)
    (tmp_path / "all.jsonl").write_bytes(b"old")
    (tmp_path / "all.jsonl").chmod(LOOSE)
    for words in (
        ("export", tmp_path / "all.jsonl", "--force", "--store", url),
        ("backup", tmp_path / "copy.db", "--store", url),
        ("restore", tmp_path / "copy.db", "--store", f"sqlite:{tmp_path}/restored.db"),
        ("restore", tmp_path / "copy.db", "--force", "--store", f"sqlite:{tmp_path}/restored.db"),
        ("import", tmp_path / "all.jsonl", "--store", f"sqlite:{tmp_path}/imported.db"),
        ("compact", "--store", url),
        ("check", "--store", url),
    ):
        result = run(*words)
        assert result.exit_code == 0, result.output
    found = modes(tmp_path)
    assert {"all.jsonl", "copy.db", "copy.db.sha256", "restored.db", "imported.db"} <= {*found}
    assert {name: mode for name, mode in found.items() if mode != PRIVATE} == {}


@pytest.mark.usefixtures("no_umask")
async def test_only_the_owner_reads_a_store_in_use(tmp_path: Path) -> None:
    """The log and the lock beside an open store are as private as the store."""
    store = await SqliteStore.open(tmp_path / "store.db")
    await store.create(b"/registry/secrets/default/a", b"1")
    assert {"store.db", "store.db-wal", "store.db-shm", "store.db.lock"} == {*modes(tmp_path)}
    assert {*modes(tmp_path).values()} == {PRIVATE}
    await store.close()


@pytest.mark.usefixtures("no_umask")
def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """Neither the file nor a part of it."""
    missing = f"sqlite:{tmp_path}/missing.db"
    assert run("export", tmp_path / "all.jsonl", "--store", missing).exit_code == 1
    assert modes(tmp_path) == {}
