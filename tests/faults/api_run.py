"""A run against servers in front of a cluster, under faults, and the proof of what they did."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_client.client import Client
from protocube_server.storage.etcd import EtcdStore
from tests import etcd_cluster
from tests.faults import checking, fleet
from tests.faults.chaos import Chaos
from tests.faults.relay import Relay
from tests.faults.subjects import ApiSubject
from tests.faults.workload import Workload

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from pathlib import Path

    from tests.faults.fleet import Server, Usage

_PREFIX = b"/registry/configmaps/"
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run gives."""

    report: checking.Report
    faults: Counter[str]
    before: tuple[Usage, ...]
    """What each server held when the writers began, or soon after its last start."""
    after: tuple[Usage, ...]
    """What it held when they had ended."""
    caught_up: bool
    expired: int
    """Watches that were cut off by a compaction, and had to begin anew."""


async def run(
    folder: Path,
    *,
    seconds: float,
    every: float,
    writers: int = 12,
    pause: float = 0.02,
    compact_interval: float = 15.0,
) -> Outcome:
    """Write and watch through two servers on three members for so long, under faults.

    The second server reaches etcd through relays that stall and cut.
    """
    workload = Workload(seed=1, pause=pause)
    async with contextlib.AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(etcd_cluster.running(folder))
        store = await EtcdStore.open(cluster.endpoints)
        stack.push_async_callback(store.close)
        relays = tuple([await stack.enter_async_context(Relay(each)) for each in cluster.endpoints])
        stores = [
            "etcd://" + ",".join(cluster.endpoints),
            "etcd://" + ",".join(relay.address for relay in relays),
        ]
        interval = ("--compact-interval", str(compact_interval))
        servers = await stack.enter_async_context(fleet.serving(stores, *interval))
        clients = [
            await stack.enter_async_context(Client(server.address, timeout=15.0))
            for server in servers
        ]
        subjects = [ApiSubject(client) for client in clients]
        chaos = Chaos(
            cluster=cluster, servers=servers, relays=relays, store=store, workload=workload
        )
        after = await store.revision()
        watchers = {f"watcher {number}": subjects[number % 2] for number in range(4)}
        # What it records reaches it without a server: the claim that all is held against.
        recording = asyncio.create_task(_record_all(workload, store, after))
        watching = [
            asyncio.create_task(workload.watch(subject, name, after))
            for name, subject in watchers.items()
        ]
        watchers["lagging watcher"] = subjects[0]
        watching.append(asyncio.create_task(workload.lag(subjects[0], "lagging watcher", after)))
        writing = [
            asyncio.create_task(workload.write(subjects[number % 2])) for number in range(writers)
        ]
        sampling = asyncio.create_task(_sample(servers, workload))
        raging = asyncio.create_task(chaos.rage(every=every))
        working: set[asyncio.Task[None]] = {recording, *watching, *writing, raging}
        ended, _ = await asyncio.wait(working, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        workload.stop.set()
        try:
            for task in ended:
                task.result()
            await asyncio.gather(raging, *writing)
            before = await sampling
            newest = await store.revision()
            final = await _final(subjects[0])
            caught_up = await _wait_for_watchers(workload, newest, tuple(watchers))
            after_usage = tuple(server.usage() for server in servers)
        finally:
            beside: set[asyncio.Task[Any]] = {recording, raging, sampling, *watching, *writing}
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
        workload.finish(final, newest)
    return Outcome(
        report=checking.check(workload.history),
        faults=chaos.counts,
        before=before,
        after=after_usage,
        caught_up=caught_up,
        expired=len(workload.history.stretches) - len(watchers),
    )


async def _record_all(workload: Workload, store: EtcdStore, after: int) -> None:
    await workload.record(store, _PREFIX + b"default/", after)


async def _final(subject: ApiSubject) -> dict[str, tuple[str, int]]:
    listing = await subject._client.list(ConfigMap, namespace="default")
    return {
        item.metadata.name: (item.data["token"], int(item.metadata.resource_version))
        for item in listing.items
    }


async def _wait_for_watchers(workload: Workload, newest: int, names: Sequence[str]) -> bool:
    """Wait until every watcher has seen the last event of the run."""
    now = asyncio.get_running_loop().time
    last = max((change.seen.revision for change in workload.history.changes), default=newest)
    end = now() + _PATIENCE
    done = asyncio.Event()
    while now() < end:
        if await workload.caught_up(last, names):
            return True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await done.wait()
    return False


async def _sample(servers: Sequence[Server], workload: Workload) -> tuple[Usage, ...]:
    """Give each server's usage some seconds after its last start, until the run ends."""
    seen: dict[Server, tuple[int, Usage]] = {}
    while True:
        await workload.wait(4.0)
        for server in servers:
            with contextlib.suppress(AssertionError, OSError):
                if server not in seen or seen[server][0] != server.starts:
                    seen[server] = (server.starts, server.usage())
        if workload.stop.is_set():
            return tuple(seen[server][1] for server in servers)
