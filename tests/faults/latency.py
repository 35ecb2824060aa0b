"""``python -m tests.faults.latency``: from a write to the event that tells of it.

A server on an etcd of one member, writers in one process, a watcher in another; both
read the system's one monotonic clock. Printed are the milliseconds from when a write
was sent, and from when it was acknowledged, to when the watcher had its event. Below
zero: the watcher knew it first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_client.client import Client
from tests import etcd_process
from tests.server_process import started

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXT = "x" * 500
_WARM_UP = 0.2
"""The part of the run that is not counted."""


def main() -> None:
    """Print the figures; a child process runs the writers."""
    parser = argparse.ArgumentParser(prog="latency")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--server", help="of the child: where to write")
    parser.add_argument("--writers", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two writes")
    options = parser.parse_args()
    if options.server:
        sent = asyncio.run(_write(options.server, options.writers, options.seconds, options.pause))
        json.dump(sent, sys.stdout)
        return
    for name, writers, pause in (
        ("idle: one writer, 50 ms between writes", 1, 0.05),
        ("32 writers, 100 ms between writes", 32, 0.1),
        ("32 writers without a pause", 32, 0.0),
    ):
        asyncio.run(_measure(name, writers, options.seconds, pause))


async def _measure(name: str, writers: int, seconds: float, pause: float) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="protocube-latency-") as folder,
        etcd_process.running(Path(folder)) as etcd,
    ):
        flags = ("--listen", "127.0.0.1:0", "--store", f"etcd://{etcd.endpoint}")
        async with started(*flags) as server:
            address = await server.ready()
            seen: dict[str, float] = {}
            watching = asyncio.create_task(_watch(address, seen))
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.faults.latency", "--server", address),
                *("--writers", str(writers), "--seconds", str(seconds), "--pause", str(pause)),
                stdout=asyncio.subprocess.PIPE,
            )
            output, _ = await child.communicate()
            # The last event comes at most this much later, or it does not count.
            await asyncio.wait({watching}, timeout=1.0)
            watching.cancel()
            await asyncio.wait({watching})
    written: dict[str, Any] = json.loads(output)
    begun = min(sent for sent, _ in written.values()) + seconds * _WARM_UP
    counted = {name: times for name, times in written.items() if times[0] >= begun and name in seen}
    rate = len(counted) / (seconds * (1 - _WARM_UP))
    sys.stdout.write(f"{name}: {rate:.0f} writes/s, {len(counted)} events\n")
    for label, index in (("sent -> event", 0), ("acknowledged -> event", 1)):
        values = sorted((seen[key] - times[index]) * 1000 for key, times in counted.items())
        sys.stdout.write(f"  {label}: {_quantiles(values)}\n")


def _quantiles(values: Sequence[float]) -> str:
    cuts = statistics.quantiles(values, n=100)
    return f"p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, most {values[-1]:.1f} ms"


async def _watch(address: str, seen: dict[str, float]) -> None:
    async with Client(address) as client:
        async for event in client.watch(ConfigMap, namespace="default"):
            seen[event.object.metadata.name] = time.monotonic()


async def _write(
    address: str, writers: int, seconds: float, pause: float
) -> dict[str, tuple[float, float]]:
    """Create objects for so long, and give when each was sent and acknowledged."""
    times: dict[str, tuple[float, float]] = {}
    end = time.monotonic() + seconds
    never = asyncio.Event()

    async def write(client: Client, writer: int) -> None:
        number = 0
        while time.monotonic() < end:
            name = f"w{writer}-{number}"
            number += 1
            item = ConfigMap(api_version="v1", kind="ConfigMap", data={"text": _TEXT})
            item.metadata.name = name
            item.metadata.namespace = "default"
            sent = time.monotonic()
            await client.create(item)
            times[name] = (sent, time.monotonic())
            if pause:
                try:
                    # Not all at the same moment, again and again.
                    async with asyncio.timeout(pause * random.uniform(0.5, 1.5)):
                        await never.wait()
                except TimeoutError:
                    continue

    async with Client(address) as client:
        await asyncio.gather(*(write(client, writer) for writer in range(writers)))
    return times


if __name__ == "__main__":
    main()
