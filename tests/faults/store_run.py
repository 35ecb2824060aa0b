"""A run against a store itself, with nothing between."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.faults import checking
from tests.faults.subjects import StoreSubject, Subject
from tests.faults.workload import Workload

if TYPE_CHECKING:
    from protocube_server.storage.base import Store

PREFIX = b"/registry/configmaps/default/"
_PATIENCE = 30.0
_IMPATIENCE = 0.5
"""With a broken store: its watchers may never come to the end."""


async def run(store: Store, witness: Store, *, calls: int, seed: int = 1) -> checking.Report:
    """Run :func:`run_subject` on a store that may be broken."""
    subject = StoreSubject(store, PREFIX)
    return await run_subject(
        subject, witness, PREFIX, calls=calls, seed=seed, is_sound=store is witness
    )


async def run_subject(
    subject: Subject,
    witness: Store,
    prefix: bytes,
    *,
    calls: int,
    seed: int = 1,
    is_sound: bool = True,
) -> checking.Report:
    """Let writers and watchers use ``subject`` for so many calls, and check what they report.

    ``witness`` is the store below it, without what lies between it and the callers.
    """
    workload = Workload(seed=seed)
    after = await witness.revision()
    watchers = [f"watcher {number}" for number in range(3)]
    beside = [
        asyncio.create_task(workload.record(witness, prefix, after)),
        *(asyncio.create_task(workload.watch(subject, name, after)) for name in watchers),
    ]
    writers = [asyncio.create_task(workload.write(subject)) for _ in range(8)]
    while len(workload.history.calls) < calls:
        await asyncio.wait(writers, timeout=0.01)
    workload.stop.set()
    await asyncio.gather(*writers)
    below = StoreSubject(witness, prefix)
    mark = await workload.mark(subject if is_sound else below)
    final = await below.list(at=mark)
    patience = _PATIENCE if is_sound else _IMPATIENCE
    await workload.reached(mark, watchers, patience=patience)
    for task in beside:
        task.cancel()
    await asyncio.wait(beside)
    workload.finish(final.states, mark)
    return checking.check(workload.history)
