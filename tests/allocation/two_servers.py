"""Two servers on one etcd give out addresses and ports at once, and one of them is killed.

As a program: ``python -m tests.allocation.two_servers --services 5000``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.storage import keys
from protocube_server.storage.etcd import EtcdStore
from tests import etcd_process
from tests.server.caller import Caller
from tests.server_process import ServerProcess, started

if TYPE_CHECKING:
    from tests.etcd_process import Etcd

_AT_ONCE = 50
_SECONDS = 600.0
_PORTS = keys.system(keys.DEFAULT_PREFIX, keys.Area.ALLOCATIONS, "node-ports") + b"/"
_RANGE = "10.0.0.0/17"
_OUTWARD = 2
"""One service in so many has a port of the nodes, as far as there are enough of them."""
_MOST_OUTWARD = 2500
_DELETED = 5
"""One service in so many is deleted again, once it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What there is afterwards."""

    addresses: Counter[str]
    """How many services have each address."""
    ports: Counter[str]
    """How many services have each port of the nodes."""
    kept_addresses: set[str]
    """What is kept as in use."""
    kept_ports: set[str]
    missing: set[str]
    """Services whose creation was acknowledged, and that are not there."""
    repeated: int
    """Calls whose answer was lost with the server, and that were made again."""
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether nothing is there twice, nothing is lost, and nothing is left over."""
        return (
            not self.missing
            and self.addresses.keys() == self.kept_addresses
            and self.ports.keys() == self.kept_ports
            and all(count == 1 for count in (*self.addresses.values(), *self.ports.values()))
        )


async def run(etcd: Etcd, services: int) -> Report:
    """Create ``services`` by two servers, of which one is killed in the middle."""
    url = f"etcd://{etcd.endpoint}"
    flags = ["--listen", "127.0.0.1:0", "--store", url, "--service-cluster-ip-range", _RANGE]
    now = asyncio.get_running_loop().time
    begun = now()
    async with contextlib.AsyncExitStack() as stack, asyncio.timeout(_SECONDS):
        servers = [await stack.enter_async_context(started(*flags)) for _ in range(2)]
        callers = [
            await stack.enter_async_context(Caller(await server.ready(), Catalog.shipped()))
            for server in servers
        ]
        run = _Run(servers[0], callers, services)
        await run.create()
        return await run.report(etcd, now() - begun)


class _Run:
    def __init__(self, victim: ServerProcess, callers: list[Caller], services: int) -> None:
        self._victim = victim
        self._callers = callers
        self._services = services
        self._left = services // 2
        self._room = asyncio.Semaphore(_AT_ONCE * len(callers))
        self._there: set[str] = set()
        self._repeated = 0

    async def create(self) -> None:
        await asyncio.gather(*(self._one(number) for number in range(self._services)))

    async def report(self, etcd: Etcd, seconds: float) -> Report:
        survivor = self._callers[1]
        found = (await survivor.list("services", namespace="default")).items
        kept = (await survivor.list("ipaddresses")).items
        store = await EtcdStore.open([etcd.endpoint])
        try:
            ports = (await store.list(_PORTS)).records
        finally:
            await store.close()
        return Report(
            addresses=Counter(text for item in found for text in item.spec.cluster_ips),
            ports=Counter(
                str(port.node_port) for item in found for port in item.spec.ports if port.node_port
            ),
            kept_addresses={item.metadata.name for item in kept},
            kept_ports={keys.split(record.key)[1].decode() for record in ports},
            missing=self._there - {item.metadata.name for item in found},
            repeated=self._repeated,
            seconds=seconds,
        )

    async def _one(self, number: int) -> None:
        async with self._room:
            name = f"s-{number}"
            await self._until_there(number, name)
            self._there.add(name)
            self._left -= 1
            if not self._left:
                await self._victim.kill()
            if number % _DELETED == 0:
                await self._until_gone(name)
                self._there.discard(name)

    async def _until_there(self, number: int, name: str) -> None:
        outward = number % _OUTWARD == 0 and number < _MOST_OUTWARD * _OUTWARD
        spec: dict[str, Any] = {"ports": [{"port": 80}]}
        spec["type"] = "NodePort" if outward else "ClusterIP"
        caller = self._callers[number % len(self._callers)]
        while True:
            try:
                await caller.create(caller.make("services", name, spec=spec))
            except errors.AlreadyExists:
                return  # The lost answer was that it is there.
            except (errors.Unavailable, errors.OutcomeUnknown, errors.Timeout):
                self._repeated += 1
                caller = self._callers[1]
            else:
                return

    async def _until_gone(self, name: str) -> None:
        caller = self._callers[0]
        while True:
            try:
                await caller.delete("services", name)
            except errors.NotFound:
                return
            except (errors.Unavailable, errors.OutcomeUnknown, errors.Timeout):
                self._repeated += 1
                caller = self._callers[1]
            else:
                return


async def main(services: int) -> None:
    """Show it once, and say what was seen."""
    with tempfile.TemporaryDirectory() as folder, etcd_process.running(Path(folder)) as etcd:
        report = await run(etcd, services)
    assert report.is_right, report
    sys.stdout.write(
        f"{services} services by two servers in {report.seconds:.1f} s, one in {_DELETED} deleted "
        f"again, one server killed halfway ({report.repeated} calls made again): "
        f"{len(report.addresses)} addresses and {len(report.ports)} ports, none twice, none lost, "
        "none left over\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=5000)
    asyncio.run(main(parser.parse_args().services))
