"""``python -m tests.faults.bystander``: what one caller waits while another's request is worked on.

A server on an SQLite file in a process of its own. One caller reads one object again and again;
beside it each request of :mod:`tests.faults.hostile` is sent, one at a time. Printed is a row
of a table for each: the request's size, what became of it and how long it took, and the 99th
percentile and the worst of the reads that were under way meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube.catalog import Catalog
from tests.faults import hostile
from tests.server.caller import Caller
from tests.server_process import started

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

_SECONDS = 60.0
_BYSTANDER = "bystander"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """What one request did to others. All times are in seconds."""

    request: hostile.Hostile
    outcome: str
    took: float
    p99: float
    worst: float

    def row(self) -> str:
        """Return it as a row of a Markdown table."""
        size = f"{len(self.request.raw) / 1000:.0f} kB"
        times = (f"{1000 * seconds:.0f}" for seconds in (self.took, self.p99, self.worst))
        return f"| {self.request.name} | {size} | {self.outcome} | {' | '.join(times)} |"


@asynccontextmanager
async def served() -> AsyncGenerator[str, None]:
    """Start a server with the objects that the requests need, and yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        flags = ("--listen=127.0.0.1:0", f"--store=sqlite:{folder}/store.db")
        async with (
            started(*flags) as server,
            Caller(await server.ready(), Catalog.shipped()) as caller,
        ):
            names = (_BYSTANDER, *(f"o{i}" for i in range(hostile.OBJECTS)))
            for name in names:
                await caller.create(caller.make("configmaps", name))
            yield server.address


async def delay(address: str, request: hostile.Hostile, *, times: int = 3) -> Delay:
    """Send a request some times, each beside reads of another caller."""
    waits: list[float] = []
    async with (
        Caller(address, Catalog.shipped()) as bystander,
        Caller(address, Catalog.shipped()) as sender,
    ):
        await bystander.get("configmaps", _BYSTANDER)
        # The first one of a kind compiles its rules, which is another matter.
        await _send(sender, request)
        reading = asyncio.create_task(_read(bystander, waits))
        began = time.perf_counter()
        for _ in range(times):
            outcome = await _send(sender, request)
        took = (time.perf_counter() - began) / times
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        # The read that was under way has to be counted: it waited longest.
        began = time.perf_counter()
        await bystander.get("configmaps", _BYSTANDER)
        waits.append(time.perf_counter() - began)
    waits.sort()
    return Delay(
        request=request,
        outcome=outcome,
        took=took,
        p99=waits[min(len(waits) - 1, int(len(waits) * 0.99))],
        worst=waits[-1],
    )


async def _read(caller: Caller, waits: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await caller.get("configmaps", _BYSTANDER)
        waits.append(time.perf_counter() - began)


async def _send(caller: Caller, request: hostile.Hostile) -> str:
    try:
        await caller.send(request.method, request.raw, seconds=_SECONDS)
    except errors.ApiError as error:
        return type(error).__name__
    return "answered"


async def _main(names: list[str]) -> None:
    # The table is this program's output.
    out = sys.stdout
    out.write("| request | size | outcome | took, ms | others' p99, ms | worst, ms |\n")
    out.write("|---|---|---|---|---|---|\n")
    async with served() as address:
        for request in hostile.requests():
            if not names or any(name in request.name for name in names):
                out.write((await delay(address, request)).row() + "\n")
                out.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("name", nargs="*", help="only requests with this in their names")
    asyncio.run(_main(parser.parse_args().name))
