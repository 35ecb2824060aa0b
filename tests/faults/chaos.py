"""The faults of a run: one kind after another, and the leader's death every so often."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from protocube import errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from protocube_server.storage.base import Store
    from tests.etcd_cluster import Cluster
    from tests.etcd_process import Etcd
    from tests.faults.fleet import Server
    from tests.faults.relay import Relay
    from tests.faults.workload import Workload

_DOWN_SECONDS = 1.0
_PAUSE_SECONDS = 5.0


class Chaos:
    """Does harm to a cluster and the servers before it. ``counts`` says how often."""

    def __init__(
        self,
        *,
        cluster: Cluster,
        servers: tuple[Server, ...],
        relays: tuple[Relay, ...],
        store: Store,
        workload: Workload,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._cluster = cluster
        self._servers = servers
        self._relays = relays
        self._store = store
        self._workload = workload

    async def rage(self, *, every: float) -> None:
        """Kill the leader every ``every`` seconds, and do something else between, until stop."""
        others: tuple[Callable[[], Awaitable[None]], ...] = (
            self.kill_server,
            self.compact,
            self.stall,
            self.pause_leader,
            self.cut,
            self.kill_both,
        )
        turn = 0
        while not self._workload.stop.is_set():
            await self._workload.wait(every / 2)
            if self._workload.stop.is_set():
                return
            await others[turn % len(others)]()
            turn += 1
            await self._workload.wait(every / 2)
            if not self._workload.stop.is_set():
                await self.kill_leader()

    async def kill_leader(self) -> None:
        """Kill -9 the leader and start it again."""
        self.counts["leader killed"] += 1
        await self._bounce(await self._leader())

    async def kill_server(self) -> None:
        """Kill -9 one server after the other and start it again."""
        self.counts["server killed"] += 1
        server = self._servers[self.counts["server killed"] % len(self._servers)]
        await server.kill()
        await server.start()

    async def kill_both(self) -> None:
        """Kill -9 the leader and a server at once."""
        self.counts["leader and server killed"] += 1
        server = self._servers[0]
        leader = await self._leader()
        leader.kill()
        await server.kill()
        await asyncio.to_thread(leader.start)
        await server.start()

    async def pause_leader(self) -> None:
        """Stop the leader in its tracks (SIGSTOP) for five seconds."""
        self.counts["leader stopped for 5 s"] += 1
        leader = await self._leader()
        await asyncio.to_thread(leader.pause)
        await self._workload.wait(_PAUSE_SECONDS)
        leader.resume()

    async def compact(self) -> None:
        """Compact everything, under watches that may lag."""
        self.counts["compaction to the newest revision"] += 1
        try:
            await self._store.compact(await self._store.revision())
        except errors.ApiError:
            self.counts["compaction that failed"] += 1

    async def stall(self) -> None:
        """Let nothing pass between a server and etcd, then let it go on."""
        self.counts["connections stalled"] += 1
        for relay in self._relays:
            relay.stall()
        await self._workload.wait(_PAUSE_SECONDS)
        for relay in self._relays:
            relay.go_on()

    async def cut(self) -> None:
        """Reset the connections between a server and etcd, after a stall."""
        self.counts["connections cut"] += 1
        for relay in self._relays:
            relay.stall()
        await self._workload.wait(_DOWN_SECONDS)
        for relay in self._relays:
            relay.cut()
            relay.go_on()

    async def _leader(self) -> Etcd:
        while (leader := await self._cluster.leader()) is None:
            await self._workload.wait(0.1)
        return leader

    async def _bounce(self, member: Etcd) -> None:
        member.kill()
        await self._workload.wait(_DOWN_SECONDS)
        await asyncio.to_thread(member.start)
