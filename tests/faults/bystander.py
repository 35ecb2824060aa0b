"""``python -m tests.faults.bystander``: what one caller waits while another's request is worked on.

A server on an SQLite file in a process of its own. One caller reads one object again and again;
beside it each request of :mod:`tests.faults.hostile` is sent, one at a time, and at last all of
them at once, each by a caller of its own. Printed is a row of a table for each: the request's
size, what became of it and how long it took, the 99th percentile and the worst of the reads that
were under way meanwhile, and the memory of the server before, at its peak and behind.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import sys
import tempfile
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.catalog import Catalog
from protocube.meta.v1 import requests_pb2
from tests.faults import hostile, memory
from tests.server.caller import Caller
from tests.server_process import ServerProcess, started

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

_SECONDS = 300.0
_BYSTANDER = "bystander"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """What one request did to others. All times are in seconds."""

    request: hostile.Hostile
    outcome: str
    took: float
    p99: float
    worst: float
    memory: tuple[int, int, int]
    """The server's before, at its peak and behind, in MB."""

    def row(self) -> str:
        """Return it as a row of a Markdown table."""
        size = f"{len(self.request.raw) / 1000:.0f} kB"
        times = (f"{1000 * seconds:.0f}" for seconds in (self.took, self.p99, self.worst))
        memory = " / ".join(map(str, self.memory))
        return f"| {self.request.name} | {size} | {self.outcome} | {' | '.join(times)} | {memory} |"


@asynccontextmanager
async def served() -> AsyncGenerator[ServerProcess, None]:
    """Start a server with the objects that the requests need, and yield it."""
    with tempfile.TemporaryDirectory() as folder:
        flags = ("--listen=127.0.0.1:0", f"--store=sqlite:{folder}/store.db")
        async with (
            started(*flags) as server,
            Caller(await server.ready(), Catalog.shipped()) as caller,
        ):
            names = (_BYSTANDER, *(f"o{i}" for i in range(hostile.OBJECTS)))
            for name in names:
                await caller.create(caller.make("configmaps", name))
            yield server


async def delay(server: ServerProcess, *requests: hostile.Hostile, times: int = 3) -> Delay:
    """Send requests at once, some times, beside reads of another caller."""
    waits: list[float] = []
    outcomes: set[str] = set()
    async with AsyncExitStack() as stack:
        callers = [Caller(server.address, Catalog.shipped()) for _ in (*requests, "bystander")]
        *senders, bystander = [await stack.enter_async_context(item) for item in callers]
        await bystander.get("configmaps", _BYSTANDER)
        # The first one of a kind compiles its rules, which is another matter.
        ready = [await prepared(bystander, request) for request in requests]
        for request in ready:
            await sent(bystander, request)
        memory.forget_peak(server.pid)
        before = memory.of(server.pid).now
        is_done = asyncio.Event()
        reading = asyncio.create_task(_read(bystander, waits, is_done))
        began = time.perf_counter()
        for _ in range(times):
            outcomes.update(await asyncio.gather(*map(sent, senders, ready)))
        took = (time.perf_counter() - began) / times
        # The read that is under way has to be counted: it may have waited longest.
        is_done.set()
        await reading
    waits.sort()
    behind = memory.of(server.pid)
    return Delay(
        request=requests[0] if len(requests) == 1 else _together(requests),
        outcome=", ".join(sorted(outcomes)),
        took=took,
        p99=waits[min(len(waits) - 1, int(len(waits) * 0.99))],
        worst=waits[-1],
        memory=(before, behind.peak, behind.now),
    )


def _together(requests: Sequence[hostile.Hostile]) -> hostile.Hostile:
    raw = b"".join(request.raw for request in requests)
    return hostile.Hostile(name=f"{len(requests)} of these at once", method="", raw=raw)


async def prepared(caller: Caller, request: hostile.Hostile) -> hostile.Hostile:
    """Return a request that can be sent, after the object is there that it updates."""
    if not request.stored:
        return request
    service = request.method.rpartition("/")[0]
    (resource,) = (item for item in caller.catalog.resources if f"/{item.service}" == service)
    with contextlib.suppress(errors.AlreadyExists):
        await caller.send(f"{service}/Create", request.stored, seconds=_SECONDS)
    message: Any = resource.update_request_class.FromString(request.raw)
    found = await caller.get(resource.plural, message.object.metadata.name)
    message.object.metadata.resource_version = found.metadata.resource_version
    return dataclasses.replace(request, raw=message.SerializeToString())


async def _read(caller: Caller, waits: list[float], is_done: asyncio.Event) -> None:
    method = f"/{caller.resource('configmaps').service}/Get"
    request = requests_pb2.GetRequest(name=_BYSTANDER).SerializeToString()
    while not is_done.is_set():
        began = time.perf_counter()
        await caller.send(method, request, seconds=_SECONDS)
        waits.append(time.perf_counter() - began)


async def sent(caller: Caller, request: hostile.Hostile) -> str:
    """Send a request, and return what became of it."""
    try:
        await caller.send(request.method, request.raw, seconds=_SECONDS)
    except errors.ApiError as error:
        return type(error).__name__
    return "answered"


async def _main(names: list[str], times: int) -> None:
    # The table is this program's output.
    out = sys.stdout
    out.write("| request | size | outcome | took, ms | others' p99 | worst | memory, MB |\n")
    out.write("|---|---|---|---|---|---|---|\n")
    wanted = [
        request
        for request in hostile.requests()
        if not names or any(name in request.name for name in names)
    ]
    async with served() as server:
        for request in wanted:
            out.write((await delay(server, request, times=times)).row() + "\n")
            out.flush()
        out.write((await delay(server, *wanted, times=1)).row() + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("name", nargs="*", help="only requests with this in their names")
    parser.add_argument("--times", type=int, default=3, help="how often each is sent")
    arguments = parser.parse_args()
    asyncio.run(_main(arguments.name, arguments.times))
