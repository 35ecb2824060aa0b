"""``python -m tests.faults.crowd``: what one caller waits beside a thousand calls of another one.

A server in a process of its own, on an SQLite file and, where there is one, on etcd. Over one
connection a thousand calls are sent at once; over another one, one object is read again and again
until they are answered. Printed is a row of a table for each crowd: how long it took, how many
reads were answered meanwhile, and the median, the 99th percentile and the worst of them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube.meta.v1 import requests_pb2
from tests import etcd_process
from tests.server.caller import OWN, Caller
from tests.server_process import started

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

CALLS = 1000
_CONFIG_MAPS = "/protocube.core.v1.ConfigMaps"
READ = "bystander"
_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The calls of one caller."""

    name: str
    method: str
    raw: Callable[[int], bytes]
    """Makes the request of the n-th one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What happened to both. All times are in seconds."""

    outcomes: Counter[str]
    """Of the crowd's calls."""
    took: float
    waits: Sequence[float]
    """Of the reads, in order of their length."""
    answered: Sequence[int]
    """How many calls of the crowd had been answered at each read's answer, in their order."""

    def row(self, name: str) -> str:
        """Return it as a row of a Markdown table."""
        count = len(self.waits)
        chosen = (self.waits[count // 2], self.waits[count * 99 // 100], self.waits[-1])
        times = " | ".join(f"{1000 * seconds:.0f}" for seconds in chosen)
        outcomes = ", ".join(f"{each} {number}" for each, number in self.outcomes.items())
        return f"| {name} | {outcomes} | {self.took:.1f} | {count} | {times} |"


def crowds() -> list[Crowd]:
    """Return those that the program tries."""
    chosen = requests_pb2.ListRequest(label_selector="app in (web, db),tier!=x")
    padding = "x" * 20

    def created(number: int) -> bytes:
        with_many = {f"k{key}": padding for key in range(1000)}
        made = Catalog.shipped().find("configmaps")
        assert made is not None
        request: Any = made.create_request_class()
        request.object.metadata.name = f"crowd-{number}"
        request.object.data.update(with_many)
        raw: bytes = request.SerializeToString()
        return raw

    get = requests_pb2.GetRequest(name=READ)
    return [
        Crowd(
            name="lists with selectors",
            method=f"{_CONFIG_MAPS}/List",
            raw=lambda _: chosen.SerializeToString(),
        ),
        Crowd(name="lists", method=f"{_CONFIG_MAPS}/List", raw=lambda _: b""),
        Crowd(name="gets", method=f"{_CONFIG_MAPS}/Get", raw=lambda _: get.SerializeToString()),
        Crowd(name="creates of 30 kB", method=f"{_CONFIG_MAPS}/Create", raw=created),
    ]


@asynccontextmanager
async def served(store: str, *flags: str, objects: int) -> AsyncGenerator[str, None]:
    """Start a server on ``store`` that has so many objects, and yield its address."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            started("--listen=127.0.0.1:0", f"--store={store}", *flags)
        )
        caller = await stack.enter_async_context(
            Caller(await server.ready(), Catalog.shipped(), OWN)
        )
        for begin in range(0, objects, 100):
            names = [f"o{number}" for number in range(begin, min(begin + 100, objects))]
            made = (caller.make("configmaps", name, data={"k": "v" * 200}) for name in names)
            await asyncio.gather(*map(caller.create, made))
        await caller.create(caller.make("configmaps", READ))
        yield server.address


async def beside(
    address: str,
    crowd: Crowd,
    *,
    calls: int = CALLS,
    reads: int = 0,
) -> Beside:
    """Send a crowd's calls at once, and read beside them until all are answered.

    The last read is the one that was under way then. With ``reads``, read so many times and no
    more.
    """
    waits: list[float] = []
    answered: list[int] = []
    outcomes: Counter[str] = Counter()
    async with (
        Caller(address, Catalog.shipped(), OWN) as one,
        Caller(address, Catalog.shipped(), OWN) as other,
    ):
        await asyncio.gather(one.get("configmaps", READ), other.get("configmaps", READ))

        async def call(raw: bytes) -> None:
            try:
                await one.send(crowd.method, raw, seconds=_SECONDS)
            except errors.ApiError as error:
                outcomes[type(error).__name__] += 1
            else:
                outcomes["answered"] += 1

        async def read() -> None:
            while not reads or len(waits) < reads:
                began = time.perf_counter()
                await other.send(f"{_CONFIG_MAPS}/Get", read_one, seconds=_SECONDS)
                waits.append(time.perf_counter() - began)
                answered.append(outcomes.total())
                if outcomes.total() == calls and not reads:
                    return

        read_one = requests_pb2.GetRequest(name=READ).SerializeToString()
        requests = [crowd.raw(number) for number in range(calls)]
        began = time.perf_counter()
        crowded = [asyncio.create_task(call(raw)) for raw in requests]
        # They are sent before the first read, because their tasks are older.
        reading = asyncio.create_task(read())
        await asyncio.wait(crowded)
        took = time.perf_counter() - began
        await reading
    return Beside(outcomes=outcomes, took=took, waits=sorted(waits), answered=answered)


def _stores(folder: str, stack: ExitStack) -> Iterator[tuple[str, str]]:
    yield "SQLite", f"sqlite:{folder}/store.db"
    try:
        etcd = stack.enter_context(etcd_process.running(Path(folder) / "etcd"))
    except (pytest.skip.Exception, pytest.fail.Exception):
        return
    yield "etcd", f"etcd://{etcd.endpoint}"


async def _main(names: list[str], flags: list[str], objects: int) -> None:
    # The table is this program's output.
    out = sys.stdout
    out.write(
        "| calls of one caller | outcome | took, s | reads | p50, ms | p99, ms | worst, ms |\n"
    )
    out.write("|---|---|---|---|---|---|---|\n")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for store, location in _stores(folder, stack):
            async with served(location, "--call-timeout=300", *flags, objects=objects) as address:
                for crowd in crowds():
                    if not names or any(name in crowd.name for name in names):
                        found = await beside(address, crowd)
                        out.write(found.row(f"{crowd.name}, {store}") + "\n")
                        out.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("name", nargs="*", help="only crowds with this in their names")
    parser.add_argument("--objects", type=int, default=1000, help="how many a list goes through")
    parser.add_argument("--flag", action="append", default=[], help="a further one of the server's")
    chosen = parser.parse_args()
    asyncio.run(_main(chosen.name, chosen.flag, chosen.objects))
