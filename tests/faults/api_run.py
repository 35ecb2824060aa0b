"""A run against servers in front of a cluster, under faults, and the proof of what they did."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube_client.client import Client
from protocube_server.storage.etcd import EtcdStore
from tests import etcd_cluster
from tests.faults import epochs, fleet
from tests.faults.chaos import Chaos
from tests.faults.spoiling import Spoiling
from tests.faults.subjects import ApiSubject, StoreSubject
from tests.faults.workload import Workload
from tests.relay import Relay

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from tests.faults.checking import Report
    from tests.faults.epochs import Epoch
    from tests.faults.fleet import Server, Usage

_PREFIX = b"/registry/configmaps/default/"
_LAGGING = "lagging watcher"
_PATIENCE = 60.0
_SAMPLE_SECONDS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run gives."""

    report: Report
    epochs: tuple[Epoch, ...]
    """One, and one more for each time that the store was put back to a snapshot."""
    logs: tuple[tuple[str, ...], ...]
    """What each server wrote."""
    faults: Counter[str]
    before: tuple[Usage, ...]
    """What each server held when the writers began, or soon after its last start."""
    after: tuple[Usage, ...]
    """What it held when they had ended."""
    caught_up: bool
    deleted: int
    """Namespaces whose deletion was acknowledged by a server that was killed then, but for those
    that are not marked in a snapshot that the store was put back to."""
    left: tuple[str, ...]
    """Those of them that never ended, and objects that outlived theirs."""
    expired: int
    """Watches that were cut off by a compaction or a restoration, and had to begin anew."""


async def run(
    folder: Path,
    *,
    seconds: float,
    every: float,
    writers: int = 12,
    pause: float = 0.02,
    compact_interval: float = 15.0,
    at_least: Collection[str] = (),
) -> Outcome:
    """Write and watch through two servers on three members for so long, under faults.

    On a slow machine it goes on until each fault of ``at_least`` has happened.
    The first server has no watch cache, so that one who lags meets its compactions. The
    second one has, and reaches etcd through relays that stall and cut.
    """
    workload = Workload(seed=1, pause=pause)
    async with contextlib.AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(etcd_cluster.running(folder))
        store = await EtcdStore.open(cluster.endpoints)
        stack.push_async_callback(store.close)
        relays = tuple([await stack.enter_async_context(Relay(each)) for each in cluster.endpoints])
        direct = "etcd://" + ",".join(cluster.endpoints)
        relayed = "etcd://" + ",".join(relay.address for relay in relays)
        interval = ("--compact-interval", str(compact_interval))
        servers = await stack.enter_async_context(
            fleet.serving(
                (
                    fleet.Server(direct, (*interval, "--no-watch-cache")),
                    fleet.Server(relayed, (*interval, "--watch-cache")),
                )
            )
        )
        clients = [
            await stack.enter_async_context(Client(server.address, timeout=15.0))
            for server in servers
        ]
        subjects = [ApiSubject(client) for client in clients]
        watchers = {f"watcher {number}": subjects[number % 2] for number in range(4)}
        spoiling = Spoiling(
            cluster=cluster,
            store=store,
            prefix=_PREFIX,
            client=clients[0],
            workload=workload,
            watchers=(*watchers, _LAGGING),
            folder=folder,
        )
        chaos = Chaos(
            cluster=cluster,
            servers=servers,
            relays=relays,
            store=store,
            workload=workload,
            spoiling=spoiling,
        )
        after = await store.revision()
        # What it records reaches it without a server: the claim that all is held against.
        recording = asyncio.create_task(workload.record(store, _PREFIX, after))
        watching = [
            asyncio.create_task(workload.watch(subject, name, after))
            for name, subject in watchers.items()
        ]
        watchers[_LAGGING] = subjects[0]
        watching.append(asyncio.create_task(workload.lag(subjects[0], _LAGGING, after)))
        writing = [
            asyncio.create_task(workload.write(subjects[number % 2])) for number in range(writers)
        ]
        samples = _Samples(servers)
        sampling = asyncio.create_task(samples.take(workload))
        raging = asyncio.create_task(chaos.rage(every=every))
        working: set[asyncio.Task[None]] = {recording, *watching, *writing, raging}
        ended, _ = await asyncio.wait(working, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        while not ended and not chaos.counts.keys() >= {*at_least}:
            ended, _ = await asyncio.wait(
                working, timeout=every, return_when=asyncio.FIRST_EXCEPTION
            )
        workload.stop.set()
        try:
            for task in ended:
                task.result()
            await asyncio.gather(raging, *writing)
            await sampling
            before = samples.all()
            async with asyncio.timeout(_PATIENCE):
                mark = await workload.mark(subjects[0])
            final = await StoreSubject(store, _PREFIX).list(at=mark)
            caught_up = await workload.reached(mark, tuple(watchers), patience=_PATIENCE)
            left = await chaos.endings.left(clients[0], patience=_PATIENCE)
            after_usage = tuple(server.usage() for server in servers)
        finally:
            beside: set[asyncio.Task[Any]] = {recording, raging, sampling, *watching, *writing}
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
        workload.finish(final.states, mark)
    return Outcome(
        report=epochs.check(workload.epochs),
        epochs=tuple(workload.epochs),
        logs=tuple(tuple(server.log) for server in servers),
        faults=chaos.counts,
        before=before,
        after=after_usage,
        caught_up=caught_up,
        deleted=len(chaos.endings.deleted),
        left=left,
        expired=sum(len(epoch.history.stretches) for epoch in workload.epochs) - len(watchers),
    )


class _Samples:
    """What each server held some seconds after its last start."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self._servers = servers
        self._taken: dict[Server, tuple[int, Usage]] = {}

    async def take(self, workload: Workload) -> None:
        """Take them now and then, until the run ends."""
        while not workload.stop.is_set():
            await workload.wait(_SAMPLE_SECONDS)
            self._complete()

    def all(self) -> tuple[Usage, ...]:
        """Return them all, when all servers are up."""
        self._complete()
        return tuple(self._taken[server][1] for server in self._servers)

    def _complete(self) -> None:
        """Take those that are missing of servers that are up."""
        for server in self._servers:
            starts, _ = self._taken.get(server, (0, None))
            if server.is_ready and starts != server.starts:
                with contextlib.suppress(OSError):  # It is being killed.
                    self._taken[server] = (server.starts, server.usage())
