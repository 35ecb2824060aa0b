"""The format of a store, as servers and the commands of ``store`` meet it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

import protocube
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_client import Client
from protocube_server import __main__ as command
from protocube_server.storage import format as store_format
from protocube_server.storage import url as urls
from protocube_server.storage.format import FIRST, OURS, Format
from tests import etcd_process, server_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

NEWER = Format(number=3, least_version="9.0.0")
REFUSED = "is of format 3, which versions from 9.0.0 on may write; this is version "


def run(*words: object) -> Result:
    """Run one command of ``store``."""
    return CliRunner().invoke(command.main, ["store", *map(str, words)])


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Provide the URL of an empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path}/store.db"
        return
    with etcd_process.running(tmp_path / "etcd") as etcd:
        yield f"etcd://{etcd.endpoint}"


async def mark(url: str, found: Format) -> None:
    """Write a ConfigMap and a format into a store, as a server of that format would."""
    opened = await urls.open_store(url)
    item = ConfigMap(api_version="v1", kind="ConfigMap")
    item.metadata.name, item.metadata.namespace = "web", "default"
    value = item.SerializeToString(deterministic=True)
    await opened.store.create(f"{opened.prefix}/configmaps/default/web".encode(), value)
    if found != FIRST:
        key = store_format.key(opened.prefix)
        await opened.store.create(key, store_format.encode(found))
    await opened.store.close()


async def marked(url: str) -> Format:
    """Return the format of a store."""
    opened = await urls.open_store(url)
    found = await store_format.read(opened.store, opened.prefix)
    await opened.store.close()
    return found


def started(url: str) -> AbstractAsyncContextManager[server_process.ServerProcess]:
    """Start a server on a store."""
    return server_process.started("--listen", "127.0.0.1:0", "--store", url)


@pytest.mark.parametrize("held", [None, FIRST, OURS])
async def test_a_server_marks_what_it_serves(url: str, held: Format | None) -> None:
    """An empty store, one of the release before and one of our own are served, and ours then."""
    if held is not None:
        await mark(url, held)
    async with started(url) as process, Client(await process.ready()) as client:
        names = [item.metadata.name for item in await client.list(ConfigMap)]
        assert names == ([] if held is None else ["web"])
    assert await marked(url) == OURS
    told = "servers before 0.2.0 must not use it any more" in "\n".join(process.lines)
    assert told is (held == FIRST)


async def test_a_server_does_not_start_on_a_newer_store(url: str) -> None:
    """It says both versions and what to do, ends with 1, and has written nothing."""
    await mark(url, NEWER)
    async with started(url) as process:
        assert await process.ended() == 1
    (line,) = process.lines
    assert line == (
        f"error: the store {REFUSED}{protocube.__version__}, which knows formats up to 2: install "
        "a newer version, or go back to a backup or an export from before its upgrade"
    )
    opened = await urls.open_store(url)
    page = await opened.store.list(f"{opened.prefix}/".encode())
    await opened.store.close()
    assert [record.key.decode() for record in page.records] == [
        "/registry/configmaps/default/web",
        "/registry/~system/format",
    ]


@pytest.mark.etcd
async def test_two_servers_start_at_once(tmp_path: Path) -> None:
    """Both serve a store that neither has seen before, and it is marked once."""
    with etcd_process.running(tmp_path / "etcd") as etcd:
        url = f"etcd://{etcd.endpoint}"
        async with started(url) as one, started(url) as other:
            await asyncio.gather(one.ready(), other.ready())
        opened = await urls.open_store(url)
        record = await opened.store.get(store_format.key(opened.prefix))
        await opened.store.close()
    assert record is not None
    assert (store_format.parse(record.value), record.version) == (OURS, 1)


def test_commands_leave_a_newer_store_alone(url: str, tmp_path: Path) -> None:
    """They would misread it: only ``show`` goes on, and says so."""
    asyncio.run(mark(url, NEWER))
    source = tmp_path / "old.jsonl"
    older = f"sqlite:{tmp_path}/older.db"
    asyncio.run(mark(older, FIRST))
    assert run("export", source, "--store", older).exit_code == 0
    for words in (("check",), ("compact",), ("export", "-"), ("import", source, "--overwrite")):
        result = run(*words, "--store", url)
        assert result.exit_code == 1
        assert f"error: the store {REFUSED}" in result.output
    result = run("show", "--store", url)
    assert result.exit_code == 0
    assert f"may be shown wrongly: the store {REFUSED}" in result.output
    assert (
        '(an entry of the server\'s own)\n  {"format":3,"least_version":"9.0.0"}' in result.output
    )
    assert asyncio.run(marked(url)) == NEWER


@pytest.mark.parametrize(("held", "version"), [(FIRST, 1), (OURS, 2)])
def test_an_export_says_the_format(tmp_path: Path, held: Format, version: int) -> None:
    """One of the first format is what release 0.1.0 reads; the store it goes to becomes ours."""
    url, file = f"sqlite:{tmp_path}/store.db", tmp_path / "all.jsonl"
    asyncio.run(mark(url, held))
    assert run("export", file, "--store", url).exit_code == 0
    head = json.loads(file.read_text().splitlines()[0])
    assert (head["version"], head.get("store_format", 1)) == (version, held.number)
    target = f"sqlite:{tmp_path}/other.db"
    assert run("import", file, "--store", target).output == (
        "1 imported, 0 unchanged, 0 differing\n"
    )
    assert asyncio.run(marked(target)) == OURS
    assert "format 2, which versions from 0.2.0 on" in run("check", "--store", target).output


def test_an_export_of_a_newer_store_is_refused(tmp_path: Path) -> None:
    """Its values may mean what this program does not know; nothing is written."""
    file, url = tmp_path / "all.jsonl", f"sqlite:{tmp_path}/store.db"
    head = {"format": "protocube-export", "version": 3, "store_format": 3, "least_version": "9.0.0"}
    file.write_text(f"{json.dumps(head)}\n{json.dumps({'objects': 0, 'sha256': ''})}\n")
    result = run("import", file, "--store", url)
    assert result.exit_code == 1
    assert f"error: the store that {file} is an export of {REFUSED}" in result.output
    assert not (tmp_path / "store.db").exists()


@pytest.mark.parametrize("held", [OURS, NEWER])
def test_an_export_of_the_first_release_has_the_key(tmp_path: Path, held: Format) -> None:
    """That release takes it for an object; here it is the format, and decides as such."""
    file, url = tmp_path / "all.jsonl", f"sqlite:{tmp_path}/store.db"
    value = base64.b64encode(store_format.encode(held)).decode()
    lines = [
        json.dumps({"format": "protocube-export", "version": 1, "revision": 4}),
        json.dumps({"key": "configmaps/default/web", "value": ""}),
        json.dumps({"key": "~system/format", "value": value}),
    ]
    text = "".join(f"{line}\n" for line in lines)
    digest = hashlib.sha256(text.encode()).hexdigest()
    file.write_text(f"{text}{json.dumps({'objects': 2, 'sha256': digest})}\n")
    result = run("import", file, "--store", url)
    if held == NEWER:
        assert result.exit_code == 1
        assert REFUSED in result.output
    else:
        assert result.output == "1 imported, 0 unchanged, 0 differing\n"
        assert asyncio.run(marked(url)) == OURS


def test_a_backup_of_a_newer_store_is_not_restored(tmp_path: Path) -> None:
    """The store that is there stays; one of an older format is restored, and says its own."""
    url, newer, older = (f"sqlite:{tmp_path}/{name}.db" for name in ("store", "newer", "older"))
    for made, held in ((url, OURS), (newer, NEWER), (older, FIRST)):
        asyncio.run(mark(made, held))
    for made in (newer, older):
        assert run("backup", f"{made[7:]}.copy", "--store", made).exit_code == 0
    result = run("restore", f"{newer[7:]}.copy", "--store", url, "--force")
    assert result.exit_code == 1
    assert f"error: {newer[7:]}.copy {REFUSED}" in result.output
    assert not (tmp_path / "store.db.replaced").exists()
    result = run("restore", f"{older[7:]}.copy", "--store", url, "--force")
    assert result.output.endswith("bytes, format 1\n")
    assert asyncio.run(marked(url)) == FIRST
