"""The leader of two servers is killed amid a foreground deletion: how the other one ends it.

As a program: ``python -m tests.garbage_collection.killed_leader --dependents 2000``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocube.catalog import Catalog
from protocube.meta.v1 import requests_pb2
from protocube_server.storage import keys
from protocube_server.storage.etcd import EtcdStore
from tests import etcd_process
from tests.garbage_collection.owned import FOREGROUND, Owned
from tests.server.caller import Caller
from tests.server_process import ServerProcess, started

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.etcd_process import Etcd

_AT_ONCE = 50
_SECONDS = 300.0
_LEADERSHIP = keys.system(keys.DEFAULT_PREFIX, keys.Area.LEADERSHIP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was seen by a watch that missed nothing."""

    deleted: list[str]
    """The names of what was deleted, in order."""
    before: int
    """How many of them were when the leader was killed."""
    pause: float
    """The longest time between two deletions, in seconds."""
    seconds: float
    """From the deletion of the owner to its end."""


async def run(etcd: Etcd, dependents: int) -> Report:
    """Make an owner that all ``dependents`` block, delete it, and kill the leader halfway."""
    async with _servers(etcd) as servers:
        leader = await _leader(etcd, servers)
        (other,) = [server for server in servers if server is not leader]
        async with Caller(other.address, Catalog.shipped()) as caller:
            owned = Owned(caller)
            owner = await owned.make("owner")
            room = asyncio.Semaphore(_AT_ONCE)

            async def make(number: int) -> None:
                async with room:
                    await owned.make(f"d-{number}", owner, blocks=True)

            await asyncio.gather(*(make(number) for number in range(dependents)))
            version = (await caller.list("cm", limit=1)).metadata.resource_version
            return await _follow(owned, leader, version, dependents)


async def _follow(owned: Owned, leader: ServerProcess, version: str, dependents: int) -> Report:
    now = asyncio.get_running_loop().time
    begun = last = now()
    await owned.delete("owner", FOREGROUND)
    deleted: list[str] = []
    pause, before = 0.0, 0
    async with asyncio.timeout(_SECONDS):
        while "owner" not in deleted:
            watch = owned.api.watch("cm", resource_version=version)
            # A call of the test's caller ends after a while; the watch goes on from there.
            with contextlib.suppress(Exception):
                async with aclosing(watch) as responses:
                    async for response in responses:
                        version = response.resource_version or version
                        found = [_name(event) for event in response.events]
                        names = [name for name in found if name]
                        if names:
                            pause, last = max(pause, now() - last), now()
                        deleted += names
                        if not before and len(deleted) >= dependents // 3:
                            before = len(deleted)
                            await leader.kill()
                        if "owner" in deleted:
                            break
    return Report(deleted=deleted, before=before, pause=pause, seconds=now() - begun)


def _name(event: Any) -> str:
    is_end = event.type == requests_pb2.EVENT_TYPE_DELETED
    return str(event.object.metadata.name) if is_end else ""


@contextlib.asynccontextmanager
async def _servers(etcd: Etcd) -> AsyncIterator[list[ServerProcess]]:
    flags = ("--listen", "127.0.0.1:0", "--store", f"etcd://{etcd.endpoint}")
    async with started(*flags) as one, started(*flags) as two:
        servers = [one, two]
        for server in servers:
            await server.ready()
        yield servers


async def _leader(etcd: Etcd, servers: list[ServerProcess]) -> ServerProcess:
    """Return the server that leads, once one does."""
    store = await EtcdStore.open([etcd.endpoint])
    try:
        async with (
            asyncio.timeout(_SECONDS),
            aclosing(store.watch(_LEADERSHIP, after=await store.revision())) as watch,
        ):
            record = await store.get(_LEADERSHIP)
            while record is None:
                record = next(event.record for event in (await anext(watch)).events)
            pid = int(json.loads(record.value)["holder"].split("/")[1])
    finally:
        await store.close()
    return next(server for server in servers if server.pid == pid)


async def main(dependents: int) -> None:
    """Show it once, and say what was seen."""
    with tempfile.TemporaryDirectory() as folder, etcd_process.running(Path(folder)) as etcd:
        report = await run(etcd, dependents)
    assert len(report.deleted) == len(set(report.deleted)) == dependents + 1
    assert report.deleted[-1] == "owner"
    sys.stdout.write(
        f"{dependents} dependents and then their owner were deleted, each once, in "
        f"{report.seconds:.1f} s; the leader was killed after {report.before}, and the longest "
        f"time without a deletion was {report.pause:.1f} s\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dependents", type=int, default=2000)
    asyncio.run(main(parser.parse_args().dependents))
