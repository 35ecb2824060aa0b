"""What lists, watches and deletions with selectors cost for objects that they pass over."""

from __future__ import annotations

import asyncio
import functools
import tempfile
import time
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from protocube.catalog import Catalog
from protocube.core.v1.pod_pb2 import Pod
from protocube.meta.v1 import requests_pb2
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.registry import Registry
from protocube_server.storage import url as urls
from protocube_server.storage.base import Put
from tests.bench import rows, subjects
from tests.bench.figures import SQLITE
from tests.bench.step import Setting, Step
from tests.server.caller import OWN, Caller

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from protocube_server.kinds.kind import Kind
    from tests.bench.subjects import Subject

_GROUPS: Final = 1000
"""Labels and nodes that the objects are spread over: one list finds a thousandth."""
_AT_ONCE: Final = 100
_TIMES: Final = 30
_FEW_TIMES: Final = 3
WATCHES: Final = 1000
_CONNECTIONS: Final = 20
_EVENTS: Final = 60
_BUSY: Final = 0.05
"""Seconds of CPU in a second of a server that still loads what was asked for."""
EXACT: Final = requests_pb2.RESOURCE_VERSION_MATCH_EXACT


def steps() -> Iterator[Step]:
    """Yield the steps."""
    for row in rows.SELECTIVE:
        measure = functools.partial(_measure, row)
        yield Step(row=row, subjects=(SQLITE,), measure=measure, loads=False, once=True)
    yield Step(
        row=rows.SELECTIVE_WATCHES,
        subjects=(SQLITE,),
        measure=_measure_watches,
        loads=False,
        once=True,
    )


def _measure(row: str, setting: Setting, subject: Subject) -> None:
    count = setting.objects if row == rows.SELECTIVE[0] else setting.most
    if count:
        setting.results.add(row, subject.name, measured(count))


def _measure_watches(setting: Setting, subject: Subject) -> None:
    watches = min(WATCHES, setting.objects)
    setting.results.add(rows.SELECTIVE_WATCHES, subject.name, watched(watches))


def measured(count: int) -> dict[str, float]:
    """Return the figures of lists and deletions among so many objects: us of CPU for each."""
    with tempfile.TemporaryDirectory(prefix="protocube-bench-") as folder:
        asyncio.run(_fill(Path(folder), count))
        with subjects.on_sqlite(Path(folder)) as served:
            return asyncio.run(_listed(served, count))


async def _listed(served: Subject, count: int) -> dict[str, float]:
    async with Caller(served.address, Catalog.shipped()) as caller:
        pid = served.pids["server"]

        async def each(act: Callable[[int], Awaitable[Any]], times: int = _TIMES) -> float:
            """Return the us of CPU of one call, for each object that there is."""
            return await _cpu(pid, act, times) * 1e6 / count

        def listing(**options: str) -> Callable[[int], Awaitable[Any]]:
            def act(number: int) -> Awaitable[Any]:
                asked = {key: text.format(number) for key, text in options.items()}
                return caller.list("pods", **asked)

            return act

        old = (await caller.list("pods", limit=1)).metadata.resource_version
        await _settled(caller, pid)
        found = dict[str, float]()
        before = served.resident()
        found["first"] = await each(listing(label_selector="app=a{}"), 1)
        found["label"] = await each(listing(label_selector="app=a{}"))
        found["values"] = await each(listing(label_selector="app in (a{},b,c),tier!=x"))
        found["absent"] = await each(listing(label_selector="none{}"), _FEW_TIMES)
        found["field"] = await each(listing(field_selector="spec.nodeName=n{}"))
        found["name"] = await each(listing(field_selector="metadata.name=p-{}"))
        found["memory"] = (served.resident() - before) * 1e6 / count

        def deleting(number: int) -> Awaitable[Any]:
            label = f"app=a{number}"
            return caller.delete_collection("pods", label_selector=label, dry_run=True)

        found["delete"] = await each(deleting)
        found["watch"] = await each(functools.partial(_begin, caller))

        async def change(number: int) -> None:
            patch = {"metadata": {"labels": {"at": f"{number}"}}}
            await caller.patch("pods", "p-0", merge_patch=patch)

        async def changed(number: int) -> None:
            await change(number)
            await caller.list("pods", label_selector=f"app=a{number}")

        alone = await each(change)
        found["changed"] = await each(changed) - alone

        async def earlier(number: int) -> None:
            options = {"resource_version": old, "resource_version_match": EXACT}
            await caller.list("pods", label_selector=f"app=a{number}", **options)

        found["store"] = await each(earlier, _FEW_TIMES)
        return found


async def _begin(caller: Caller, number: int) -> None:
    """Begin a watch, up to the last of the present objects."""
    watch = caller.watch("pods", field_selector=f"spec.nodeName=n{number}")
    async with aclosing(watch) as responses:
        async for response in responses:
            if response.resource_version:
                return


def watched(count: int) -> dict[str, float]:
    """Return the us of CPU that an event costs for each of so many watches that pass it over."""
    with tempfile.TemporaryDirectory(prefix="protocube-bench-") as folder:
        asyncio.run(_fill(Path(folder), 1))
        with subjects.on_sqlite(Path(folder)) as served:
            return asyncio.run(_followed(served, count))


async def _followed(served: Subject, count: int) -> dict[str, float]:
    pid = served.pids["server"]
    async with AsyncExitStack() as stack:
        catalog = Catalog.shipped()
        callers = [
            await stack.enter_async_context(Caller(served.address, catalog, OWN))
            for _ in range(_CONNECTIONS)
        ]

        async def change(number: int) -> None:
            patch = {"metadata": {"labels": {"app": f"b{number}"}}}
            await callers[0].patch("pods", "p-0", merge_patch=patch)

        await _cpu(pid, change, _EVENTS)
        alone = await _cpu(pid, change, _EVENTS)
        found = {"alone": alone * 1e6}
        for key, selector in (("equal", "app=w{}"), ("listed", "app in (w{},v)"), ("other", "w{}")):
            async with asyncio.TaskGroup() as group:
                begun: asyncio.Queue[None] = asyncio.Queue()
                tasks = [
                    group.create_task(
                        _follow(callers[number % _CONNECTIONS], selector.format(number), begun)
                    )
                    for number in range(count)
                ]
                for _ in range(count):
                    await begun.get()
                spent = await _cpu(pid, change, _EVENTS)
                for task in tasks:
                    task.cancel()
            found[key] = (spent - alone) * 1e6 / count
            await _settled(callers[0], pid)
        return found


async def _follow(caller: Caller, selector: str, begun: asyncio.Queue[None]) -> None:
    async with aclosing(caller.watch("pods", label_selector=selector)) as responses:
        async for response in responses:
            if response.resource_version:
                begun.put_nowait(None)


async def _cpu(pid: int, act: Callable[[int], Awaitable[Any]], times: int) -> float:
    """Return the seconds of a server's CPU that one of some acts takes."""
    before = _spent(pid)
    for number in range(times):
        await act(number)
    return (_spent(pid) - before) / times


def _spent(pid: int) -> float:
    """Return the seconds that all threads of a process have run."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        spent += int((task / "schedstat").read_text().split()[0])
    return spent / 1e9


async def _settled(caller: Caller, pid: int) -> None:
    """Wait until a server has nothing to do."""
    while True:
        before = _spent(pid)
        async with aclosing(caller.watch("configmaps", timeout_seconds=1)) as responses:
            async for _ in responses:
                pass
        if _spent(pid) - before < _BUSY:
            return


async def _fill(folder: Path, count: int) -> None:
    """Put Pods into a store, as a server would have."""
    opened = await urls.open_store(f"sqlite:{folder / 'store.db'}")
    registry = Registry(Catalog.shipped(), opened.prefix, FUNCTIONS)
    kind = registry.for_message("protocube.core.v1.Pod")
    assert kind is not None
    for begin in range(0, count, _AT_ONCE):
        some = range(begin, min(begin + _AT_ONCE, count))
        await opened.store.write(
            [
                Put(key=kind.key("default", f"p-{number}"), value=_pod(kind, number), expected=0)
                for number in some
            ]
        )
    await opened.store.close()


def _pod(kind: Kind, number: int) -> bytes:
    made = Pod(api_version="v1", kind="Pod")
    made.metadata.name, made.metadata.namespace = f"p-{number}", "default"
    made.metadata.uid = f"7d2cf6a3-8e5e-4b52-9d55-{number:012}"
    made.metadata.creation_timestamp.seconds = int(time.time())
    group = number % _GROUPS
    made.metadata.labels.update({"app": f"a{group}", "tier": "front", "pod-template-hash": "5d4f"})
    made.spec.node_name, made.spec.restart_policy = f"n{group}", "Always"
    made.spec.containers.add(name="main", image="registry.k8s.io/pause:3.10")
    made.status.phase = "Running"
    made.status.pod_ip = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return kind.encode(made)
