"""Records the stores of a release: ``python -m tests.upgrade.record tests/upgrade/VERSION``.

Run it once, with the code of that release, and commit the folder. A real server writes an
SQLite file and an etcd through the Python client; both are packed with what was read back.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import protocube
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_client import Client
from tests import etcd_process, server_process
from tests.storage import etcd_tool
from tests.upgrade import recorded, writing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from google.protobuf.message import Message

_COMPACTED = "compacted the history"
_SECONDS = 30.0
_OFF = "MutatingAdmissionWebhook,ValidatingAdmissionWebhook,ResourceQuota"
_RANGES = "10.0.0.0/16,fd00::/112"


async def record_sqlite(folder: Path, work: Path) -> None:
    """Record an SQLite file."""
    path = work / recorded.STORES["sqlite"]
    contents = await _filled(f"sqlite:{path}")
    _keep(folder, "sqlite", path, contents)


async def record_etcd(folder: Path, work: Path) -> None:
    """Record a snapshot of an etcd."""
    path = work / recorded.STORES["etcd"]
    with etcd_process.running(work / "etcd") as etcd:
        contents = await _filled(f"etcd://{etcd.endpoint}")
        etcd_tool.run(etcd, "snapshot", "save", str(path))
    _keep(folder, "etcd", path, contents)


def _keep(folder: Path, store: str, path: Path, contents: recorded.Contents) -> None:
    # SQLite has taken its log into the file, or the file alone would not be the store.
    if path.with_name(f"{path.name}-wal").exists():
        raise AssertionError(f"the server has not closed {path}")
    folder.mkdir(exist_ok=True)
    recorded.pack(path.read_bytes(), folder / f"{path.name}.xz")
    recorded.write(contents, folder / f"{store}.json.xz")


async def _filled(url: str) -> recorded.Contents:
    """Fill a store by two servers, one after the other, and return what is in it then."""
    async with _serving(url, "--compact-interval", "0.2") as served:
        await writing.first(served.client)
        await served.logged(_COMPACTED)
    async with _serving(url, "--compact-interval", "0") as served:
        since = (await served.client.list(ConfigMap)).resource_version
        await writing.then(served.client)
        return await _contents(served.client, since)


async def _contents(client: Client, since: str) -> recorded.Contents:
    objects: list[Message] = []
    for resource in client.catalog.resources:
        if "List" not in resource.methods:
            continue
        listing = await client.list(resource.message_class)
        if not listing.items:
            raise AssertionError(f"nothing was written of {resource.message}")
        objects += listing
    events = []
    async with contextlib.aclosing(client.watch(ConfigMap, resource_version=since)) as watch:
        async for event in watch:
            events.append(recorded.Event(type=event.type.value, object=event.object))
            if event.object.metadata.name == writing.LAST:
                break
    return recorded.Contents(
        release=protocube.__version__, objects=tuple(objects), since=since, events=tuple(events)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    client: Client
    process: server_process.ServerProcess

    async def logged(self, text: str) -> None:
        """Wait until the server has written a line with ``text``."""
        async with asyncio.timeout(_SECONDS):
            while text not in "\n".join(self.process.lines):
                await self.process._line()


@contextlib.asynccontextmanager
async def _serving(url: str, *flags: str) -> AsyncGenerator[_Served, None]:
    """Serve a store; afterwards the server has been stopped as an operator stops it."""
    words = (
        *("--listen", "127.0.0.1:0", "--store", url),
        # What is written is no setting of this server: webhooks and quotas are not asked.
        *("--disable-admission-plugins", _OFF, "--service-cluster-ip-range", _RANGES),
        *flags,
    )
    async with server_process.started(*words) as process:
        async with Client(await process.ready()) as client:
            yield _Served(client=client, process=process)
        process.send(signal.SIGTERM)
        if await process.ended():
            raise AssertionError(f"the server has failed: {process.lines}")


async def _record(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        await record_sqlite(folder, Path(work))
        await record_etcd(folder, Path(work))


if __name__ == "__main__":
    asyncio.run(_record(Path(sys.argv[1])))
