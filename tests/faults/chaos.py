"""The faults of a run: one kind after another, and the leader's death every so often."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from typing import TYPE_CHECKING

from protocube import errors
from tests.faults.endings import Endings
from tests.faults.history import Fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from protocube_server.storage.base import Store
    from tests.etcd_cluster import Cluster
    from tests.etcd_process import Etcd
    from tests.faults.fleet import Server
    from tests.faults.spoiling import Spoiling
    from tests.faults.workload import Workload
    from tests.relay import Relay

_DOWN_SECONDS = 1.0
_PAUSE_SECONDS = 5.0


class Chaos:
    """Does harm to a cluster and the servers before it.

    ``counts`` says how often; the workload's history has the times.
    """

    def __init__(
        self,
        *,
        cluster: Cluster,
        servers: tuple[Server, ...],
        relays: tuple[Relay, ...],
        store: Store,
        workload: Workload,
        spoiling: Spoiling,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.endings = Endings()
        self._cluster = cluster
        self._servers = servers
        self._relays = relays
        self._store = store
        self._workload = workload
        self._spoiling = spoiling
        self._bouncing = asyncio.Lock()

    async def rage(self, *, every: float) -> None:
        """Kill the leader every ``every`` seconds, and do something else as often, until stop."""
        others: tuple[Callable[[], Awaitable[None]], ...] = (
            self.kill_server,
            self.cut_off_deletion,
            self.damage,
            self.restore,
            self.compact,
            self.stall,
            self.pause_leader,
            self.cut,
            self.kill_both,
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(self._repeat((self.kill_leader,), every=every, first=every))
            group.create_task(self._repeat(others, every=every, first=every / 2))

    async def _repeat(
        self, harms: Sequence[Callable[[], Awaitable[None]]], *, every: float, first: float
    ) -> None:
        now = asyncio.get_running_loop().time
        due = now() + first
        for harm in itertools.cycle(harms):
            await self._workload.wait(max(due - now(), 0.0))
            if self._workload.stop.is_set():
                return
            await harm()
            due += every

    async def kill_leader(self) -> None:
        """Kill -9 the leader and start it again."""
        with self._harm("leader killed"):
            async with self._bouncing:
                leader = await self._leader()
                leader.kill()
                await self._workload.wait(_DOWN_SECONDS)
                await asyncio.to_thread(leader.start)

    async def kill_server(self) -> None:
        """Kill -9 one server after the other and start it again."""
        with self._harm("server killed"):
            server = self._servers[self.counts["server killed"] % len(self._servers)]
            await server.kill()
            await server.start()

    async def cut_off_deletion(self) -> None:
        """Kill -9 the server that has just taken the deletion of a namespace."""
        with self._harm("namespace deletion cut off"):
            number = self.counts["namespace deletion cut off"] % len(self._servers)
            await self.endings.cut_off(self._servers[number])

    async def damage(self) -> None:
        """Put a value into the store that is no object, and take it out again; save a snapshot.

        The snapshot has what is damaged.
        """
        with self._harm("value damaged"):
            try:
                await self._spoiling.damage(self.counts["value damaged"])
            except errors.ApiError:
                self.counts["damage whose outcome is not known"] += 1
            async with self._bouncing:
                await self._spoiling.save(await self._leader())
            await self._workload.wait(_DOWN_SECONDS)
            await self._spoiling.mend()

    async def restore(self) -> None:
        """Kill -9 all members, and start them on the last snapshot, servers and watches going on.

        What is in it of damaged values is taken out again.
        """
        with self._harm("store put back to a snapshot"):
            async with self._bouncing:
                await self._spoiling.restore(self.endings.put_back)
            await self._spoiling.mend()

    async def kill_both(self) -> None:
        """Kill -9 the leader and a server at once."""
        with self._harm("leader and server killed"):
            server = self._servers[0]
            async with self._bouncing:
                leader = await self._leader()
                leader.kill()
                await server.kill()
                await asyncio.to_thread(leader.start)
            await server.start()

    async def pause_leader(self) -> None:
        """Stop the leader in its tracks (SIGSTOP) for five seconds."""
        with self._harm("leader stopped for 5 s"):
            async with self._bouncing:
                leader = await self._leader()
                await asyncio.to_thread(leader.pause)
            try:
                await self._workload.wait(_PAUSE_SECONDS)
            finally:
                async with self._bouncing:  # Not while it is being killed and started.
                    leader.resume()

    async def compact(self) -> None:
        """Compact all that is recorded, while one watcher reads nothing and lags behind."""
        with self._harm("compaction under a lagging watch"):
            self._workload.lagging.set()
            await self._workload.wait(_DOWN_SECONDS)
            recorded = self._workload.history.changes
            try:
                if recorded:
                    await self._store.compact(recorded[-1].seen.revision)
            except errors.ApiError:
                self.counts["compaction that failed"] += 1
            finally:
                self._workload.lagging.clear()

    async def stall(self) -> None:
        """Let nothing pass between a server and etcd, then let it go on."""
        with self._harm("connections stalled"):
            for relay in self._relays:
                relay.stall()
            await self._workload.wait(_PAUSE_SECONDS)
            for relay in self._relays:
                relay.go_on()

    async def cut(self) -> None:
        """Reset the connections between a server and etcd, after a stall."""
        with self._harm("connections cut"):
            for relay in self._relays:
                relay.stall()
            await self._workload.wait(_DOWN_SECONDS)
            for relay in self._relays:
                relay.cut()
                relay.go_on()

    @contextlib.contextmanager
    def _harm(self, name: str) -> Iterator[None]:
        self.counts[name] += 1
        begun = time.monotonic()
        try:
            yield
        finally:
            fault = Fault(name=name, begun=begun, ended=time.monotonic())
            self._workload.history.faults.append(fault)

    async def _leader(self) -> Etcd:
        while (leader := await self._cluster.leader()) is None:
            await self._workload.wait(0.1)
        return leader
