"""An object that cannot be read, as a person at the command line meets it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protocube_server.storage.sqlite import SqliteStore
from tests import server_process
from tests.client.command_line import CommandLine
from tests.server.store_commands import PREFIX, config_map

if TYPE_CHECKING:
    from pathlib import Path


async def _fill(path: Path) -> None:
    store = await SqliteStore.open(path)
    await store.create(f"{PREFIX}a".encode(), config_map("a"))
    await store.create(f"{PREFIX}bad".encode(), b"\xff\xff")
    await store.close()


def test_it_is_named_and_can_be_deleted(tmp_path: Path) -> None:
    """Lists warn, ``get`` of it fails in Kubernetes' word, a flag lets ``delete`` remove it."""
    asyncio.run(_fill(tmp_path / "store.db"))
    said = "the stored value of configmaps/default/bad is damaged or no object of this kind"
    with server_process.running(tmp_path / "store.db") as server:
        cubectl = CommandLine(environ={"PROTOCUBE_SERVER": server.address})
        for _ in range(2):  # From the store, and from memory.
            done = cubectl("get", "cm", "-o", "name")
            assert (done.code, done.out) == (0, "configmap/a\n")
            assert done.err == f"Warning: {said}: it is left out\n"
        for words in (("get", "cm", "bad"), ("delete", "cm", "bad")):
            done = cubectl(*words)
            assert done.code == 1
            assert f"(StorageReadError): {said}\n" in done.err
        done = cubectl("delete", "cm", "bad", "--ignore-store-read-error")
        assert (done.code, done.out, done.err) == (0, 'configmap "bad" deleted\n', "")
        done = cubectl("get", "cm", "-o", "name")
        assert (done.out, done.err) == ("configmap/a\n", "")
