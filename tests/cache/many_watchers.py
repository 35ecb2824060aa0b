"""``python -m tests.cache.many_watchers [COUNT ...]``: what an event costs beside many watches.

Each watch is of the Pods of one node (``spec.nodeName``), as the agents of a cluster have it. Pods
are created one at a time, each for another node. Printed are, for each number of watches, the CPU
time of the event loop's thread per event, and the median time until the one whom it concerns
has it; both in milliseconds.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from contextlib import aclosing
from pathlib import Path
from statistics import median

from protocube.catalog import Catalog
from protocube.core.v1.pod_pb2 import Pod
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.cache import Cache, Selection
from protocube_server.kinds.edition import Editions
from protocube_server.kinds.registry import Registry
from protocube_server.storage.sqlite import SqliteStore
from tests.cache.conftest import running

_COUNTS = (40, 400, 4000)
_WARM, _EVENTS = 3, 40


async def measured(folder: Path, count: int) -> tuple[float, float]:
    """Return the seconds of CPU per event beside ``count`` watches, and those to the one."""
    store = await SqliteStore.open(folder / f"{count}.db")
    registry = Registry(Catalog.shipped(), "/registry", FUNCTIONS)
    cache = Cache(store, b"/registry/", Editions(registry))
    kind = next(kind for kind in registry if kind.resource.kind == "Pod")
    arrived: asyncio.Queue[bytes] = asyncio.Queue()

    async def create(name: str, node: int) -> None:
        pod = Pod(api_version="v1", kind="Pod")
        pod.metadata.name, pod.metadata.namespace = name, "default"
        pod.metadata.labels["app"] = "web"
        pod.spec.node_name = f"n{node}"
        pod.spec.containers.add(name="c", image="nginx")
        await store.create(kind.key("default", name), pod.SerializeToString(deterministic=True))

    async def watch(node: int, after: int) -> None:
        selection = Selection(kind, fields=f"spec.nodeName=n{node}")
        incarnation = store.incarnation
        found = cache.watch(selection, after=after, incarnation=incarnation, progress=None)
        async with aclosing(found) as responses:
            async for response in responses:
                arrived.put_nowait(response)

    async with running(cache.run()), asyncio.TaskGroup() as group:
        await create("first", -1)
        after = await store.revision()
        watches = [group.create_task(watch(node, after)) for node in range(count)]
        for node in range(_WARM):
            await create(f"warm{node}", node)
            await arrived.get()
        took: list[float] = []
        began = time.thread_time()
        for number in range(_EVENTS):
            sent = time.perf_counter()
            await create(f"p{number}", number % count)
            await arrived.get()
            took.append(time.perf_counter() - sent)
        spent = (time.thread_time() - began) / _EVENTS
        for task in watches:
            task.cancel()
    await store.close()
    return spent, median(took)


def _main(counts: list[int]) -> None:
    # The table is this program's output.
    sys.stdout.write(
        "| watches | CPU of the loop per event | median time to the one |\n|---|---|---|\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        for count in counts:
            spent, arrived = asyncio.run(measured(Path(folder), count))
            sys.stdout.write(f"| {count} | {1000 * spent:.2f} ms | {1000 * arrived:.2f} ms |\n")


if __name__ == "__main__":
    _main([int(text) for text in sys.argv[1:]] or [*_COUNTS])
