"""``cube-apiserver store``: looking after a store without, or beside, a server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING

import pytest
from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_server.kinds import kept
from protocube_server.storage import format as store_format
from protocube_server.storage import keys
from protocube_server.storage import url as urls
from tests.server.store_commands import PREFIX, config_map, content, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def test_a_sound_store_is_sound(url: str) -> None:
    """Check reads the file and every object, and says how many there are."""
    result = run("check", "--store", url)
    assert result.exit_code == 0, result.output
    assert "the file is sound" in result.output
    assert "2 objects at revision 4" in result.output


async def add(url: str, entries: Mapping[bytes, bytes]) -> None:
    """Put more into a store."""
    opened = await urls.open_store(url)
    for key, value in entries.items():
        await opened.store.create(key, value)
    await opened.store.close()


ENTRIES = {
    keys.system("/registry", keys.Area.ALLOCATIONS, "ports", "80"): b"default/web",
    keys.system("/registry", keys.Area.FORMAT): store_format.encode(store_format.OURS),
    keys.system("/registry", keys.Area.LEADERSHIP): b"{}",
    keys.system("/registry", keys.Area.REQUESTS, "one"): b"default/a",
    keys.system("/registry", keys.Area.RESERVATIONS, "crd"): b"3",
}
"""One entry of the server's own of each area."""


def test_entries_of_the_servers_own_are_known(url: str) -> None:
    """Check counts them beside the objects, show prints them; an unknown one is named."""
    asyncio.run(add(url, ENTRIES))
    result = run("check", "--store", url)
    assert result.exit_code == 0, result.output
    assert "2 objects at revision 9" in result.output
    assert "5 entries of the server's own" in result.output
    result = run("show", "~system/", "--store", url)
    assert result.output.count("(an entry of the server's own)") == 5
    assert "  default/web\n" in result.output
    asyncio.run(add(url, {b"/registry/~system/unicorns/x": b"", b"/registry/stray": b""}))
    result = run("check", "--store", url)
    assert result.exit_code == 1
    assert "wrong: ~system/unicorns/x is no entry that this program knows" in result.output
    assert "wrong: stray is no key of this program" in result.output


def test_entries_about_objects_move_between_stores(url: str, other: str, tmp_path: Path) -> None:
    """What is allocated and reserved goes along; who leads and what was asked stays behind."""
    file = tmp_path / "all.jsonl"
    asyncio.run(add(url, ENTRIES))
    assert run("export", file, "--store", url).output == "4 objects exported\n"
    assert run("import", file, "--store", other).output == "4 imported, 0 unchanged, 0 differing\n"
    prefix = urls.parse(other).prefix
    there = asyncio.run(content(other))
    assert {keys.relative(prefix, key) for key in there} == {
        "configmaps/default/a",
        "configmaps/default/b",
        "~system/allocations/ports/80",
        "~system/format",
        "~system/reservations/crd",
    }
    assert (
        there[keys.absolute(prefix, "~system/format")].value
        == ENTRIES[keys.system("/registry", keys.Area.FORMAT)]
    )


def test_an_object_is_shown_as_it_is_stored(url: str) -> None:
    """Of the versions of a kind, the one that is stored decodes the value, and nothing is lost."""
    resource = Catalog.shipped().find("hpa.v2.autoscaling")
    assert resource is not None
    manifest = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"metrics": [{"type": "Resource", "resource": {"name": "memory"}}]},
    }
    value = json_format.ParseDict(manifest, resource.message_class()).SerializeToString()
    key = f"{resource.qualified}/default/web"

    async def put() -> None:
        opened = await urls.open_store(url)
        await opened.store.create(f"{opened.prefix}/{key}".encode(), value)
        await opened.store.close()

    asyncio.run(put())
    result = run("show", key, "--store", url)
    assert "  protocube.autoscaling.v2.HorizontalPodAutoscaler\n" in result.output
    assert 'name: "memory"' in result.output
    assert run("check", "--store", url).exit_code == 0


def test_damage_is_named(url: str, tmp_path: Path) -> None:
    """An object that cannot be decoded, an unknown kind, a broken table: each is said."""

    async def damage() -> None:
        opened = await urls.open_store(url)
        await opened.store.create(b"/registry/configmaps/default/bad", b"\xff\xff")
        await opened.store.create(b"/registry/unicorns/x", b"")
        await opened.store.close()

    asyncio.run(damage())
    result = run("check", "--store", url)
    assert result.exit_code == 1
    assert "wrong: configmaps/default/bad is not a protocube.core.v1.ConfigMap" in result.output
    assert "wrong: unicorns/x is of no kind" in result.output
    with contextlib.closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        connection.execute("DELETE FROM history WHERE id = 1")
        connection.commit()
    result = run("check", "--store", url)
    assert result.exit_code == 1
    assert "wrong: 1 keys that point to no state" in result.output


def test_what_the_server_keeps_with_an_object_is_known(
    url: str, other: str, tmp_path: Path
) -> None:
    """It is shown beside the object, sound when it is whole, and moves between stores."""
    data = b"\x0a\x03abc"
    whole = kept.with_message(data, config_map("k"))

    async def put(name: str, value: bytes) -> None:
        opened = await urls.open_store(url)
        await opened.store.create(f"{PREFIX}{name}".encode(), value)
        await opened.store.close()

    asyncio.run(put("k", whole))
    checked = run("check", "--store", url)
    assert (checked.exit_code, "3 objects" in checked.stdout) == (0, True)
    shown = run("show", "configmaps/default/k", "--store", url).stdout
    assert "(5 bytes that the server keeps with it: 0a03616263)" in shown
    assert "19500" not in shown
    assert run("export", tmp_path / "all", "--store", url).exit_code == 0
    assert run("import", tmp_path / "all", "--store", other).exit_code == 0
    values = {
        key.rpartition(b"/")[2]: record.value for key, record in asyncio.run(content(other)).items()
    }
    assert values[b"k"] == whole
    asyncio.run(put("cut", whole[:6]))
    checked = run("check", "--store", url)
    assert checked.exit_code == 1
    assert "wrong: configmaps/default/cut is not a protocube.core.v1.ConfigMap" in checked.stdout


def test_compaction_makes_the_file_smaller(url: str, tmp_path: Path) -> None:
    """After compact only the newest state is left, and the room is the system's again."""

    async def write() -> None:
        opened = await urls.open_store(url)
        revision = (await opened.store.create(b"/registry/x/y", b"x" * 100_000)).mod_revision
        for _ in range(20):
            record = await opened.store.update(b"/registry/x/y", b"x" * 100_000, expected=revision)
            revision = record.mod_revision
        await opened.store.close()

    asyncio.run(write())
    before = (tmp_path / "store.db").stat().st_size
    result = run("compact", "--store", url)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "store.db").stat().st_size < before / 5
    assert len(asyncio.run(content(url))) == 4


def test_objects_move_between_stores(url: str, other: str, tmp_path: Path) -> None:
    """Export and import carry every object byte by byte, to a store of either kind and prefix.

    Doing it again changes nothing; what differs is kept unless told otherwise.
    """
    file = tmp_path / "all.jsonl"
    result = run("export", file, "--store", url)
    assert (result.exit_code, result.output) == (0, "2 objects exported\n")
    assert run("import", file, "--store", other).output == "2 imported, 0 unchanged, 0 differing\n"
    assert run("import", file, "--store", other).output == "0 imported, 2 unchanged, 0 differing\n"
    prefix = urls.parse(other).prefix.encode()
    there = dict(asyncio.run(content(other)))
    there.pop(store_format.key(prefix.decode()))
    assert {key.removeprefix(prefix): record.value for key, record in there.items()} == {
        b"/configmaps/default/a": config_map("a"),
        b"/configmaps/default/b": config_map("b"),
    }
    asyncio.run(_rewrite(url))
    run("export", file, "--force", "--store", url)
    result = run("import", file, "--store", other)
    assert result.exit_code == 1
    assert result.output == "differs: configmaps/default/a\n0 imported, 1 unchanged, 1 differing\n"
    result = run("import", file, "--overwrite", "--store", other)
    assert (result.exit_code, result.output) == (0, "1 imported, 1 unchanged, 0 differing\n")


async def _rewrite(url: str) -> None:
    opened = await urls.open_store(url)
    key = f"{PREFIX}a".encode()
    record = await opened.store.get(key)
    assert record is not None
    await opened.store.update(key, config_map("a", "two"), expected=record.mod_revision)
    await opened.store.close()


HARMS = {
    "cut": "all.jsonl is cut off: its last line is missing",
    "cut within": "all.jsonl is cut off: its last line is missing",
    "change": "all.jsonl is damaged: its checksum differs",
    "head": "all.jsonl is no export of a version that is known here",
    "text": "all.jsonl is no export: ",
    "deep": "all.jsonl is no export: ",
    "empty": "all.jsonl is no export: it is empty",
    "missing": "all.jsonl: No such file or directory",
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_export_is_refused(url: str, tmp_path: Path, harm: str) -> None:
    """Nothing is written of an export that is cut off, changed, or none, and it is said why."""
    file = tmp_path / "all.jsonl"
    run("export", file, "--store", url)
    lines = file.read_text().splitlines(keepends=True)
    harmed = {
        "cut": lines[:-1],
        "cut within": [*lines[:-2], lines[-2][: len(lines[-2]) // 2]],
        "change": [lines[0], lines[1].replace("A", "B", 1), *lines[2:]],
        "head": [json.dumps({"format": "protocube-export", "version": 99}) + "\n", *lines[1:]],
        "text": ["remember the milk\n"],
        "deep": ["[" * 100_000],
        "empty": [],
    }
    if harm == "missing":
        file.unlink()
    else:
        file.write_text("".join(harmed[harm]))
    target = f"sqlite:{tmp_path}/other.db"
    result = run("import", file, "--store", target)
    assert result.exit_code == 1
    assert result.output.startswith("error: ")
    assert HARMS[harm] in result.output
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize("words", [("show",), ("check",), ("compact",), ("export", "-")])
def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    """A slip in its name must not give an empty store, which a copy would then be made of."""
    result = run(*words, "--store", f"sqlite:{tmp_path}/folder/none.db")
    assert result.exit_code == 1
    assert result.output == f"error: cannot use {tmp_path}/folder/none.db: No such file\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backup", "x"), "this is for an SQLite store"),
        (("restore", "x"), "this is for an SQLite store"),
    ],
)
def test_copies_of_files_are_for_sqlite(words: tuple[str, ...], said: str) -> None:
    """Etcd has tools of its own for its files, and the message says so."""
    result = run(*words, "--store", "etcd://127.0.0.1:1")
    assert result.exit_code == 1
    assert said in result.output
