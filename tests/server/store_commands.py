"""Running ``cube-apiserver store`` commands, and the stores that they are tried on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_server import __main__ as command
from protocube_server.storage import url as urls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_server.storage.base import Record

PREFIX = "/registry/configmaps/default/"


def run(*words: object) -> Result:
    """Run one command of ``store``."""
    return CliRunner().invoke(command.main, ["store", *map(str, words)])


def config_map(name: str, text: str = "one") -> bytes:
    """Return the stored form of a ConfigMap."""
    item = ConfigMap(api_version="v1", kind="ConfigMap", data={"text": text})
    item.metadata.name = name
    return item.SerializeToString(deterministic=True)


async def fill(url: str, *names: str, text: str = "one") -> None:
    """Put objects, and the key of compaction, into a store."""
    opened = await urls.open_store(url)
    for name in names:
        await opened.store.create(f"{PREFIX}{name}".encode(), config_map(name, text))
    await opened.store.create(f"{opened.prefix}/compaction".encode(), b"1")
    await opened.store.close()


async def content(url: str) -> Mapping[bytes, Record]:
    """Return what is in a store."""
    opened = await urls.open_store(url)
    page = await opened.store.list(f"{opened.prefix}/".encode())
    await opened.store.close()
    return {record.key: record for record in page.records}
