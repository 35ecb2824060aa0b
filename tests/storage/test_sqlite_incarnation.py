"""A SQLite file that is not there any more, or is another one, under an open store."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PATIENCE = 30.0


def _remove(older: Path, path: Path) -> None:  # noqa: ARG001  # as the others
    path.unlink()


def _move(older: Path, path: Path) -> None:
    older.replace(path)


def _restore(older: Path, path: Path) -> None:
    """Do what ``.restore`` does in a sqlite3 shell."""
    with (
        contextlib.closing(sqlite3.connect(older)) as source,
        contextlib.closing(sqlite3.connect(path)) as target,
    ):
        source.backup(target)


async def _in_use(path: Path, older: Path) -> tuple[SqliteStore, int]:
    """Return an open store, five writes ahead of a copy of its file, and the copy's revision."""
    store = await SqliteStore.open(path)
    after = (await store.create(b"/a", b"one")).mod_revision
    with contextlib.closing(sqlite3.connect(path)) as source:
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(path, older)
    for number in range(5):
        await store.create(b"/b/%d" % number, b"one")
    return store, after


@pytest.mark.parametrize("harm", [_remove, _move, _restore])
async def test_who_asks_for_the_revision_notices_it(
    tmp_path: Path, harm: Callable[[Path, Path], None]
) -> None:
    """Before anybody writes: a revision of the past would prove that a cache is up to date."""
    path, older = tmp_path / "store.db", tmp_path / "older.db"
    store, _ = await _in_use(path, older)
    harm(older, path)
    with pytest.raises(errors.Unavailable, match="restart the server"):
        await store.revision()
    await store.close()


@pytest.mark.parametrize("harm", [_remove, _move, _restore])
async def test_it_is_noticed(tmp_path: Path, harm: Callable[[Path, Path], None]) -> None:
    """Nothing is answered or acknowledged any more, and open watches are Expired."""
    path, older = tmp_path / "store.db", tmp_path / "older.db"
    store, after = await _in_use(path, older)
    before = store.incarnation
    async with contextlib.aclosing(store.watch(b"/", after=after)) as watch:
        for _ in range(5):
            await anext(watch)
        reading = asyncio.ensure_future(anext(watch))
        await asyncio.sleep(0)
        harm(older, path)
        with pytest.raises(errors.Unavailable, match="restart the server"):
            await store.create(b"/c", b"one")
        with pytest.raises(errors.Unavailable, match="restart the server"):
            await store.revision()
        with pytest.raises(errors.Expired, match="gone back in time"):
            async with asyncio.timeout(_PATIENCE):
                await reading
    assert store.incarnation != before
    for call in (store.get(b"/a"), store.list(b"/"), store.compact(1)):
        with pytest.raises(errors.Unavailable, match="restart the server"):
            await call
    await store.close()
