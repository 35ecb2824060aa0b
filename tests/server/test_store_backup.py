"""``cube-apiserver store backup`` and ``restore``: copies of an SQLite store."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage import url as urls
from protocube_server.storage.sqlite import SqliteStore
from tests.server.store_commands import PREFIX, config_map, content, run
from tests.storage import writing_child
from tests.storage.test_sqlite_crash import running_child

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_backup_of_a_store_in_use(tmp_path: Path) -> None:
    """Beside a process that writes, the copy is one moment of the store, whole and in order."""
    path, target = tmp_path / "store.db", tmp_path / "copy.db"
    async with running_child(path) as child:
        assert child.stdout is not None
        for _ in range(300):
            assert await child.stdout.readline()
        reading = asyncio.create_task(child.stdout.read())
        result = await asyncio.to_thread(run, "backup", target, "--store", f"sqlite:{path}")
        assert result.exit_code == 0, result.output
        check = await asyncio.to_thread(run, "check", "--store", f"sqlite:{path}")
        child.kill()
        await reading
    assert "a server has it open" in check.output
    store = await SqliteStore.open(target)
    page = await store.list(b"/")
    assert f"revision {page.revision}," in result.output
    # One key a revision, none missing: it is one moment.
    assert sorted(record.mod_revision for record in page.records) == list(
        range(2, page.revision + 1)
    )
    assert len(page.records) >= 300
    assert all(
        record.value == writing_child.value_of(int(record.key[1:])) for record in page.records
    )
    await store.close()


def test_a_backup_is_restored(url: str, tmp_path: Path) -> None:
    """The objects are as they were, and whoever knows later revisions has to begin anew."""
    copy = tmp_path / "copy.db"
    assert run("backup", copy, "--store", url).exit_code == 0
    before = asyncio.run(content(url))
    asyncio.run(_change(url))
    assert run("restore", copy, "--store", url).output.startswith("error: ")
    result = run("restore", copy, "--store", url, "--force")
    assert result.exit_code == 0, result.output
    assert asyncio.run(content(url)) == before
    assert (tmp_path / "store.db.replaced").exists()

    async def watch_from_the_future_that_was() -> None:
        opened = await urls.open_store(url)
        assert await opened.store.revision() > 1_000_000_000
        with pytest.raises(errors.Expired):
            await anext(opened.store.watch(b"/", after=5))
        record = before[f"{PREFIX}a".encode()]
        await opened.store.update(record.key, b"", expected=record.mod_revision)
        await opened.store.compact(await opened.store.revision())
        await opened.store.close()

    asyncio.run(watch_from_the_future_that_was())


async def _change(url: str) -> None:
    opened = await urls.open_store(url)
    await opened.store.delete(f"{PREFIX}a".encode())
    await opened.store.create(f"{PREFIX}late".encode(), config_map("late"))
    await opened.store.close()


def test_a_damaged_backup_is_refused(url: str, tmp_path: Path) -> None:
    """A changed byte is found by the checksum, and by the pages where there is none."""
    copy = tmp_path / "copy.db"
    run("backup", copy, "--store", url)
    data = bytearray(copy.read_bytes())
    data[5000:5100] = bytes(byte ^ 0xFF for byte in data[5000:5100])
    copy.write_bytes(data)
    result = run("restore", copy, "--store", url, "--force")
    assert result.exit_code == 1
    assert "damaged" in result.output
    other = tmp_path / "text.db"
    other.write_text("not a database, whatever its name says" * 100)
    result = run("restore", other, "--store", url, "--force")
    assert result.exit_code == 1
    assert len(asyncio.run(content(url))) == 3


def test_a_store_in_use_is_not_replaced(url: str, tmp_path: Path) -> None:
    """While a server has the file, restoring and compacting are refused."""
    copy = tmp_path / "copy.db"
    run("backup", copy, "--store", url)

    async def attempt() -> None:
        opened = await urls.open_store(url)
        for words in (("restore", copy, "--force"), ("compact",)):
            result = await asyncio.to_thread(run, *words, "--store", url)
            assert result.exit_code == 1
            assert "is open in another server" in result.output
        await opened.store.close()

    asyncio.run(attempt())
