"""The SQLite store on a disk that is really full."""

from __future__ import annotations

import asyncio
import subprocess
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.base import Record
from protocube_server.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Provide a folder on a file system of 2 MiB; skips where none may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no mount")
    if done.returncode != 0:
        pytest.skip(f"cannot mount a small file system: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


async def test_a_disk_that_is_full_and_then_is_not(small_disk: Path) -> None:
    """What was acknowledged is there, what found no room says so, and with room it goes on."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1024 * 1024))
    store = await SqliteStore.open(small_disk / "store.db")
    writes = [store.create(f"/{number:03}".encode(), b"x" * 10_000) for number in range(150)]
    results = await asyncio.gather(*writes, return_exceptions=True)
    faults = [result for result in results if not isinstance(result, Record)]
    assert faults
    assert all(isinstance(fault, errors.Unavailable) for fault in faults)
    assert all("disk" in str(fault) for fault in faults)
    kept = {result.key for result in results if isinstance(result, Record)}
    await store.close()
    ballast.unlink()
    store = await SqliteStore.open(small_disk / "store.db")
    page = await store.list(b"/")
    assert {record.key for record in page.records} >= kept
    unknown = sum(isinstance(fault, errors.OutcomeUnknown) for fault in faults)
    assert len(page.records) <= len(kept) + unknown
    await store.create(b"/after", b"one")
    await store.close()
