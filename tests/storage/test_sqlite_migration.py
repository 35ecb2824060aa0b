"""Files of older layouts are brought up to date."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.sqlite import SqliteStore, schema

if TYPE_CHECKING:
    from pathlib import Path

_VERSIONS = range(1, schema.VERSION)


def _make(path: Path, version: int) -> None:
    """Make a file as a program of that version left it, with two keys, one of them deleted."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript("".join(schema._STEPS[:version]))
        connection.executescript(
            f"PRAGMA application_id = {schema.APPLICATION_ID};"
            f"PRAGMA user_version = {version};"
            "INSERT INTO history VALUES (1, 2, CAST('/a' AS BLOB), x'01', 2, 1, NULL);"
            "INSERT INTO history VALUES (2, 3, CAST('/b' AS BLOB), x'02', 3, 1, NULL);"
            "INSERT INTO history VALUES (3, 4, CAST('/b' AS BLOB), NULL, 0, 0, 2);"
            "INSERT INTO current VALUES (CAST('/a' AS BLOB), 1);"
            "UPDATE state SET revision = 4;"
        )


@pytest.mark.parametrize("version", _VERSIONS)
async def test_an_older_file_is_brought_up_to_date(tmp_path: Path, version: int) -> None:
    """Its objects, history and revision are as they were, and it is of the newest version."""
    path = tmp_path / "store.db"
    _make(path, version)
    store = await SqliteStore.open(path)
    page = await store.list(b"/")
    assert [(record.key, record.value) for record in page.records] == [(b"/a", b"\x01")]
    assert page.revision == 4
    async with contextlib.aclosing(store.watch(b"/", after=1)) as watch:
        assert [(await anext(watch)).number for _ in range(3)] == [2, 3, 4]
    assert (await store.create(b"/c", b"")).mod_revision == 5
    await store.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)


@pytest.mark.parametrize("version", _VERSIONS)
async def test_a_migration_that_fails_changes_nothing(tmp_path: Path, version: int) -> None:
    """A file whose tables are not what its version says stays as it was."""
    path = tmp_path / "store.db"
    _make(path, version)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE state RENAME TO another")
        connection.commit()
        before = "\n".join(connection.iterdump())
    with pytest.raises(errors.Unavailable, match="cannot use"):
        await SqliteStore.open(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert "\n".join(connection.iterdump()) == before
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)


async def test_each_store_has_a_name_of_its_own(tmp_path: Path) -> None:
    """Two new files differ in their identity, and it stays over a restart."""
    names = []
    for name in ("one.db", "two.db", "one.db"):
        await (await SqliteStore.open(tmp_path / name)).close()
        with contextlib.closing(sqlite3.connect(tmp_path / name)) as connection:
            names += connection.execute("SELECT identity FROM state").fetchone()
    assert names[0] == names[2] != names[1]
