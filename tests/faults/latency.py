"""``python -m tests.faults.latency``: from a write to the event that tells of it.

A server on an etcd of one member; writers in one process, a watcher in another, and with
``--parts`` a third that watches etcd itself. All read the system's one monotonic clock.
Printed are the milliseconds from when a write was sent, and from when it was
acknowledged, to when the watcher had its event decoded; below zero, the watcher knew it
first. The parts are what is spent before etcd's own event, and after it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_client.client import Client
from protocube_server.storage.etcd import EtcdStore
from tests import etcd_process
from tests.server_process import started

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXT = "x" * 500
_WARM_UP = 0.2
"""The part of the run that is not counted."""
_LAST = "last"
"""The object that is written behind all others."""
_PREFIX = b"/registry/configmaps/default/"

Times = dict[str, float]
"""When something was known of each object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """Writers, each with a pause between two writes, for some seconds."""

    name: str
    writers: int
    pause: float


_LOADS = (
    _Load(name="idle: one writer, 50 ms between writes", writers=1, pause=0.05),
    _Load(name="32 writers, 100 ms between writes", writers=32, pause=0.1),
    _Load(name="32 writers without a pause", writers=32, pause=0.0),
)


def main() -> None:
    """Print the figures of each load; children write and watch."""
    parser = argparse.ArgumentParser(prog="latency")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--parts", action="store_true", help="watch etcd itself, too")
    parser.add_argument("--child", choices=["write", "watch", "witness"], help=argparse.SUPPRESS)
    parser.add_argument("--address", help=argparse.SUPPRESS)
    parser.add_argument("--writers", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--pause", type=float, default=0.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    match options.child:
        case "write":
            load = _Load(name="", writers=options.writers, pause=options.pause)
            json.dump(asyncio.run(_write(options.address, load, options.seconds)), sys.stdout)
        case "watch":
            json.dump({"seen": asyncio.run(_watch(options.address))}, sys.stdout)
        case "witness":
            json.dump({"seen": asyncio.run(_witness(options.address))}, sys.stdout)
        case None:
            for load in _LOADS:
                asyncio.run(_measure(load, options.seconds, has_parts=options.parts))


async def _measure(load: _Load, seconds: float, *, has_parts: bool) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="protocube-latency-") as folder,
        etcd_process.running(Path(folder)) as etcd,
    ):
        flags = ("--listen", "127.0.0.1:0", "--store", f"etcd://{etcd.endpoint}")
        async with started(*flags) as server:
            address = await server.ready()
            writing = ("--writers", str(load.writers), "--pause", str(load.pause))
            words = [
                ("write", "--address", address, "--seconds", str(seconds), *writing),
                ("watch", "--address", address),
                ("witness", "--address", etcd.endpoint),
            ]
            children = [_child(*each) for each in words[: 3 if has_parts else 2]]
            written, watched, *witnessed = await asyncio.gather(*children)
    sent, known, seen = written["sent"], written["known"], watched["seen"]
    begun = min(sent.values()) + seconds * _WARM_UP
    names = [name for name in seen if name in known and sent[name] >= begun]
    rate = len(names) / (seconds * (1 - _WARM_UP))
    sys.stdout.write(f"{load.name}: {rate:.0f} writes/s, {len(names)} events\n")
    _say("sent -> event", names, sent, seen)
    _say("acknowledged -> event", names, known, seen)
    for witness in witnessed:
        _say("  sent -> event of etcd", names, sent, witness["seen"])
        _say("  event of etcd -> event", names, witness["seen"], seen)
        _say("  event of etcd -> acknowledged", names, witness["seen"], known)
    sys.stdout.flush()


async def _child(*words: str) -> dict[str, Times]:
    """Run one child to its end, and give what it has printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.latency", "--child", *words),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    found: dict[str, Times] = json.loads(output)
    return found


def _say(label: str, names: Sequence[str], before: Times, after: Times) -> None:
    values = sorted((after[name] - before[name]) * 1000 for name in names)
    cuts = statistics.quantiles(values, n=100)
    figures = f"p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, most {values[-1]:.1f} ms"
    sys.stdout.write(f"  {label}: {figures}\n")


async def _watch(address: str) -> Times:
    """Return when each event was decoded, up to that of the last object."""
    seen: Times = {}
    async with Client(address) as client:
        async for event in client.watch(ConfigMap, namespace="default"):
            seen[event.object.metadata.name] = time.monotonic()
            if event.object.metadata.name == _LAST:
                return seen
    raise AssertionError("a watch does not end by itself")


async def _witness(endpoint: str) -> Times:
    """Return when etcd told of each object."""
    seen: Times = {}
    store = await EtcdStore.open([endpoint])
    try:
        async with contextlib.aclosing(store.watch(_PREFIX, after=1)) as watch:
            async for revision in watch:
                now = time.monotonic()
                seen |= {event.key.removeprefix(_PREFIX).decode(): now for event in revision.events}
                if _LAST in seen:
                    return seen
    finally:
        await store.close()
    raise AssertionError("a watch does not end by itself")


async def _write(address: str, load: _Load, seconds: float) -> dict[str, Times]:
    """Create objects for so long, and give when each was sent and acknowledged."""
    sent: Times = {}
    known: Times = {}
    end = time.monotonic() + seconds

    async def create(client: Client, name: str) -> None:
        item = ConfigMap(api_version="v1", kind="ConfigMap", data={"text": _TEXT})
        item.metadata.name = name
        item.metadata.namespace = "default"
        sent[name] = time.monotonic()
        await client.create(item)
        known[name] = time.monotonic()

    async def write(client: Client, writer: int) -> None:
        number = 0
        while time.monotonic() < end:
            await create(client, f"w{writer}-{number}")
            number += 1
            if load.pause:
                # Not all at the same moment, again and again.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(load.pause * random.uniform(0.5, 1.5)):
                        await asyncio.Event().wait()

    async with Client(address) as client:
        await asyncio.gather(*(write(client, writer) for writer in range(load.writers)))
        await create(client, _LAST)
    return {"sent": sent, "known": known}


if __name__ == "__main__":
    main()
