"""A run against a store itself, with nothing between."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.faults import checking
from tests.faults.subjects import StoreSubject
from tests.faults.workload import Workload

if TYPE_CHECKING:
    from protocube_server.storage.base import Store

PREFIX = b"/registry/configmaps/default/"
_PATIENCE = 30.0


async def run(store: Store, witness: Store, *, calls: int, seed: int = 1) -> checking.Report:
    """Let writers and watchers use ``store`` for so many calls, and check what they report.

    ``witness`` is the same store without what lies between it and the callers.
    """
    workload = Workload(seed=seed)
    after = await witness.revision()
    subject = StoreSubject(store, PREFIX)
    watchers = [f"watcher {number}" for number in range(3)]
    beside = [
        asyncio.create_task(workload.record(witness, PREFIX, after)),
        *(asyncio.create_task(workload.watch(subject, name, after)) for name in watchers),
    ]
    writers = [asyncio.create_task(workload.write(subject)) for _ in range(8)]
    while len(workload.history.calls) < calls:
        await asyncio.wait(writers, timeout=0.01)
    workload.stop.set()
    await asyncio.gather(*writers)
    page = await witness.list(PREFIX)
    newest = await witness.revision()
    end = asyncio.get_running_loop().time() + _PATIENCE
    while asyncio.get_running_loop().time() < end:
        if await workload.caught_up(newest, watchers):
            break
        await asyncio.wait(beside, timeout=0.01)
        if store is not witness:
            # A broken one may never catch up.
            end = min(end, asyncio.get_running_loop().time() + 0.5)
    for task in beside:
        task.cancel()
    await asyncio.wait(beside)
    final = {
        record.key.removeprefix(PREFIX).decode(): (record.value.decode(), record.mod_revision)
        for record in page.records
    }
    workload.finish(final, newest)
    return checking.check(workload.history)
