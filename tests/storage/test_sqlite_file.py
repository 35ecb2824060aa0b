"""The file of the SQLite store: who may open it, and what it may be."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from protocube import errors
from protocube_server.storage.base import Full, Record, Remove, Store
from protocube_server.storage.sqlite import SqliteStore, reads, schema


async def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    """Closing and opening changes nothing: states, revisions, history, compaction."""
    store = await SqliteStore.open(tmp_path / "store.db")
    first = await store.create(b"/a", b"one")
    second = await store.update(b"/a", b"two", expected=first.mod_revision)
    await store.create(b"/b", b"one")
    await store.delete(b"/b")
    await store.compact(second.mod_revision)
    page, revision = await store.list(b"/"), await store.revision()
    await store.close()

    store = await SqliteStore.open(tmp_path / "store.db")
    assert (await store.list(b"/"), await store.revision()) == (page, revision)
    async with contextlib.aclosing(store.watch(b"/", after=second.mod_revision)) as watch:
        created, deleted = await anext(watch), await anext(watch)
    assert created.events[0].record == deleted.events[0].previous
    with pytest.raises(errors.Expired):
        await store.list(b"/", at=first.mod_revision)
    await store.close()


async def test_the_revision_survives_an_empty_store(tmp_path: Path) -> None:
    """When all is deleted and compacted, a new start still does not go back in time."""
    store = await SqliteStore.open(tmp_path / "store.db")
    await store.create(b"/a", b"one")
    (gone,) = await store.write([Remove(key=b"/a")])
    revision = await store.revision()
    await store.compact(revision)
    await store.close()
    store = await SqliteStore.open(tmp_path / "store.db")
    assert (await store.create(b"/a", b"one")).mod_revision == revision + 1
    assert gone
    await store.close()


async def test_compaction_makes_room(tmp_path: Path) -> None:
    """Behind a compaction the file holds the newest row of each living key, and no other."""
    path = tmp_path / "store.db"
    store = await SqliteStore.open(path)
    for number in range(50):
        key = f"/{number}".encode()
        record = await store.create(key, b"one")
        for _ in range(3):
            record = await store.update(key, b"two", expected=record.mod_revision)
        if number % 2:
            await store.delete(key)
    await store.compact(await store.revision())
    await store.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM history").fetchone() == (25,)


async def test_a_second_opener_is_refused(tmp_path: Path) -> None:
    """A file that a store has open is refused by name, and free again when it is closed."""
    path = tmp_path / "store.db"
    store = await SqliteStore.open(path)
    with pytest.raises(errors.Unavailable) as caught:
        await SqliteStore.open(path)
    assert str(path) in str(caught.value)
    assert "another server" in str(caught.value)
    await store.create(b"/a", b"the first one goes on")
    await store.close()
    await (await SqliteStore.open(path)).close()


async def test_an_opener_through_a_link_is_refused(tmp_path: Path) -> None:
    """The claim is on the file, not on the name that it was opened by."""
    path, link = tmp_path / "store.db", tmp_path / "link.db"
    link.symlink_to(path)
    store = await SqliteStore.open(path)
    with pytest.raises(errors.Unavailable, match="another server"):
        await SqliteStore.open(link)
    await store.close()
    through = await SqliteStore.open(link)
    with pytest.raises(errors.Unavailable, match="another server"):
        await SqliteStore.open(path)
    await through.close()


async def test_an_opener_in_another_process_is_refused(tmp_path: Path) -> None:
    """The claim on a file holds between processes, and says which one has it."""
    path = tmp_path / "store.db"
    program = (
        "import asyncio, sys\n"
        "from protocube_server.storage.sqlite import SqliteStore\n"
        "asyncio.run(SqliteStore.open(sys.argv[1]))\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(path),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    assert await child.stdout.readline() == b"open\n"
    with pytest.raises(errors.Unavailable, match=f"process {child.pid}"):
        await SqliteStore.open(path)
    child.kill()
    await child.wait()
    await (await SqliteStore.open(path)).close()


async def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """All files of a store are closed to other users."""
    directory = tmp_path / "a"
    directory.mkdir()
    store = await SqliteStore.open(directory / "store.db")
    await store.create(b"/a", b"one")
    files = list(directory.iterdir())
    assert len(files) >= 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    await store.close()


async def test_a_newer_layout_is_refused(tmp_path: Path) -> None:
    """A file of a newer program is refused, not misread, and left as it was."""
    path = tmp_path / "store.db"
    await (await SqliteStore.open(path)).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(errors.Unavailable, match="newer Protocube"):
        await SqliteStore.open(path)
    assert path.read_bytes() == before


async def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    """Somebody else's SQLite file is not turned into a store."""
    path = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE things (name TEXT)")
    with pytest.raises(errors.Unavailable, match="another program"):
        await SqliteStore.open(path)


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A text file is refused with a sentence, and kept."""
    path = tmp_path / "notes.txt"
    path.write_text("remember the milk\n" * 100)
    with pytest.raises(errors.Unavailable, match=r"notes\.txt: it is not a database"):
        await SqliteStore.open(path)
    assert path.read_text().startswith("remember")


async def test_places_that_cannot_hold_a_file(tmp_path: Path) -> None:
    """A directory, a file on the way, a home that nobody has: each is named."""
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "store.db", Path("~nobody-has-this/store.db")):
        with pytest.raises(errors.Unavailable, match="cannot use") as caught:
            await SqliteStore.open(path)
        assert str(path) in str(caught.value)


async def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """It was mistyped, or a volume is not mounted: a new store would pass for the one meant."""
    path = tmp_path / "none" / "store.db"
    with pytest.raises(errors.Unavailable, match=f"there is no folder {path.parent}$"):
        await SqliteStore.open(path)
    assert not path.parent.exists()


async def test_a_store_in_memory_goes_with_its_process() -> None:
    """Two of them know nothing of each other; what a killed process left is removed by the next."""
    one, two = await SqliteStore.open_in_memory(), await SqliteStore.open_in_memory()
    folder = one.goes_with
    assert folder is not None
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    await one.create(b"/a", b"one")
    assert (await two.get(b"/a")) is None
    left = folder.with_name(folder.name.replace(str(os.getpid()), str(_ended_process())))
    left.mkdir()
    await one.close()
    await two.close()
    assert not folder.exists()
    await (await SqliteStore.open_in_memory()).close()
    assert not left.exists()


def _ended_process() -> int:
    """Return the id of a process that was there."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


async def test_a_full_disk(tmp_path: Path) -> None:
    """A write that finds no room fails with the reason; with room again, writes go on."""
    store = await SqliteStore.open(tmp_path / "store.db")
    kept = await store.create(b"/kept", b"one")
    await _limit_pages(store, 40)
    writes = [store.create(f"/{number}".encode(), b"x" * 10_000) for number in range(100)]
    results = await asyncio.gather(*writes, return_exceptions=True)
    faults = [result for result in results if not isinstance(result, Record)]
    assert {type(fault) for fault in faults} == {Full}
    assert all("disk is full" in str(fault) for fault in faults)
    page = await store.list(b"/")
    assert set(page.records) == {kept, *(each for each in results if isinstance(each, Record))}
    assert page.revision == await store.revision() == kept.mod_revision + page.count - 1
    await _limit_pages(store, 1_000_000)
    after = await store.create(b"/after", b"x" * 10_000)
    assert after.mod_revision == page.revision + 1
    await store.close()


async def _limit_pages(store: Store, pages: int) -> None:
    assert isinstance(store, SqliteStore)
    # SQLite's own limit: the same fault as a disk without room, at the same place.
    await store._writer.run(
        lambda ledger: ledger._connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    )


@pytest.mark.parametrize(("events", "size"), [(2, 1_000_000), (100, 2)])
async def test_a_stretch_of_history_is_bounded(tmp_path: Path, events: int, size: int) -> None:
    """In events and in bytes: it ends behind the revision that reaches one of them."""
    path = tmp_path / "store.db"
    store = await SqliteStore.open(path)
    made = [await store.create(f"/{number}".encode(), b"x") for number in range(5)]
    await store.close()
    found, after = [], 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        while after < made[-1].mod_revision:
            stretch = reads.history(connection, b"/", after=after, events=events, size=size)
            found.append([revision.number for revision in stretch.revisions])
            after = stretch.through
    one, two, three, four, five = (record.mod_revision for record in made)
    assert found == [[one, two], [three, four], [five]]
