"""What the SQLite store keeps when its process, or its disk, fails."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING

import pytest

from protocube_server.storage.sqlite import SqliteStore
from tests.storage import writing_child

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@contextlib.asynccontextmanager
async def running_child(*arguments: object) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the writing process, and make sure that it has ended afterwards."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        writing_child.__file__,
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _lines(child: asyncio.subprocess.Process, count: int) -> list[str]:
    assert child.stdout is not None
    lines = [(await child.stdout.readline()).decode() for _ in range(count)]
    assert all(lines), "the writing process ended by itself"
    return lines


async def _rest(child: asyncio.subprocess.Process) -> list[str]:
    assert child.stdout is not None
    text = (await child.stdout.read()).decode()
    # The last line may have been cut off in the middle.
    return text.splitlines(keepends=True) if text.endswith("\n") else text.splitlines()[:-1]


async def _check(path: Path, lines: list[str]) -> None:
    """Every acknowledged write is there; every revision is whole, in order and in the history."""
    acknowledged = {int(number): int(revision) for number, revision in map(str.split, lines)}
    store = await SqliteStore.open(path)
    page = await store.list(b"/")
    found = {int(record.key[1:]): record for record in page.records}
    assert {number: found[number].mod_revision for number in acknowledged} == acknowledged
    assert all(record.value == writing_child.value_of(number) for number, record in found.items())
    async with contextlib.aclosing(store.watch(b"/", after=1)) as watch:
        seen = [await anext(watch) for _ in found]
    assert [revision.number for revision in seen] == list(range(2, page.revision + 1))
    assert {event.record for revision in seen for event in revision.events} == set(page.records)
    await store.create(b"/and-on", b"it goes")
    await store.close()


@pytest.mark.parametrize("after", [1, 300, 1500])
async def test_kill_in_the_middle_of_writes(tmp_path: Path, after: int) -> None:
    """After kill -9 under load every acknowledged write is there, at its revision."""
    path = tmp_path / "store.db"
    async with running_child(path) as child:
        lines = await _lines(child, after)
        child.kill()
        lines += await _rest(child)
    await _check(path, lines)


async def test_a_disk_that_fails(tmp_path: Path) -> None:
    """When the disk fails in a commit, the outcome is unknown, and nothing is written after it."""
    path = tmp_path / "store.db"
    async with running_child(path, 1_000_000) as child:
        lines: list[str] = []
        while not lines or lines[-1][0].isdigit():
            lines += await _lines(child, 1)
        *acknowledged, first = lines
        following = await _lines(child, 5)
    assert first.startswith(("OutcomeUnknown cannot use", "Unavailable cannot use"))
    if first.startswith("OutcomeUnknown"):
        assert all("restart the server" in line for line in following)
    else:
        assert all(line.startswith("Unavailable cannot use") for line in following)
    await _check(path, acknowledged)
