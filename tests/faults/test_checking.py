"""The checker of histories: it passes what is right and catches what is not."""

from __future__ import annotations

import asyncio
import dataclasses
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube_server.storage.sqlite import SqliteStore
from tests.faults import broken_stores, checking, store_run
from tests.faults.history import Call, Change, Fate, History, Seen, Verb
from tests.faults.subjects import StoreSubject
from tests.faults.workload import Workload

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from protocube_server.storage.base import Revision
    from tests.faults.broken_stores import BrokenStore
    from tests.faults.checking import Report

CALLS = 1500
PATIENCE = 30.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """Provide a store that is right."""
    opened = await SqliteStore.open(tmp_path / "store.db")
    yield opened
    await opened.close()


async def test_a_store_that_is_right(store: SqliteStore) -> None:
    """Contending writers and watchers of a real store give a history without a fault."""
    report = await store_run.run(store, store, calls=CALLS)
    assert report.is_right, str(report)
    assert report.calls.total() >= CALLS
    assert report.watched == 3 * report.events > 0


@pytest.mark.parametrize("kind", broken_stores.ALL)
async def test_a_store_that_is_wrong(store: SqliteStore, kind: type[BrokenStore]) -> None:
    """Each way of being wrong is found, and counted as what it is."""
    report = await store_run.run(kind(store), store, calls=CALLS)
    assert not report.is_right
    if kind in (broken_stores.LosesEvents, broken_stores.LosesWrites):
        assert report.lost, str(report)
    elif kind in (
        broken_stores.ReadsStale,
        broken_stores.ListsStale,
        broken_stores.ListsInParts,
    ):
        assert report.violations, str(report)
        assert not report.lost
    else:
        assert report.doubled, str(report)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Deletion:
    """One that was asked for between two moments, and what its caller was told."""

    fate: Fate
    begun: float
    ended: float


def _deleted(*deletions: _Deletion) -> Report:
    """Check a key that is created at 0 to 1, deleted once, and absent for a GET at 10 to 11."""
    created = Change(seen=Seen(revision=2, key="k", token="t"), version=1, previous=0)
    deleted = Change(seen=Seen(revision=3, key="k", token=None), version=0, previous=2)
    create = Call(
        verb=Verb.CREATE, key="k", begun=0, ended=1, fate=Fate.DONE, token="t", revision=2
    )
    absent = Call(verb=Verb.GET, key="k", begun=10, ended=11, fate=Fate.DONE)
    calls = [
        Call(
            verb=Verb.DELETE,
            key="k",
            begun=each.begun,
            ended=each.ended,
            fate=each.fate,
            expected=2,
            revision=3 if each.fate is Fate.DONE else 0,
        )
        for each in deletions
    ]
    return checking.check(History(calls=[create, absent, *calls], changes=[created, deleted]))


_DONE_EARLY = _Deletion(fate=Fate.DONE, begun=2, ended=3)
_DONE_LATE = _Deletion(fate=Fate.DONE, begun=12, ended=13)
_UNKNOWN_EARLY = _Deletion(fate=Fate.UNKNOWN, begun=2, ended=20)
_UNKNOWN_LATE = _Deletion(fate=Fate.UNKNOWN, begun=12, ended=20)
_REFUSED_EARLY = _Deletion(fate=Fate.REFUSED, begun=2, ended=3)


@pytest.mark.parametrize(
    "deletions",
    [
        [_DONE_EARLY],
        # The second one has just not happened.
        [_DONE_EARLY, _UNKNOWN_EARLY],
        [_DONE_EARLY, _UNKNOWN_LATE],
        [_UNKNOWN_EARLY],
        # One of them did it, and the first could.
        [_UNKNOWN_EARLY, _UNKNOWN_LATE],
        [_UNKNOWN_LATE, _UNKNOWN_EARLY],
        [_REFUSED_EARLY, _UNKNOWN_EARLY],
    ],
)
def test_deletions_that_are_possible(deletions: list[_Deletion]) -> None:
    """A version is deleted once: by the one that is told so, or by one of unknown outcome."""
    report = _deleted(*deletions)
    assert report.is_right, str(report)


@pytest.mark.parametrize(
    "deletions",
    [
        # Before each of these began, the key was seen to be absent.
        [_DONE_LATE],
        [_UNKNOWN_LATE],
        [_UNKNOWN_LATE, _UNKNOWN_LATE],
        [_REFUSED_EARLY, _UNKNOWN_LATE],
        # The one that is told so did it, so the other one cannot explain it.
        [_DONE_LATE, _UNKNOWN_EARLY],
        # Two cannot both have done it, whether one after the other or at once.
        [_DONE_EARLY, _DONE_LATE],
        [_DONE_EARLY, _DONE_EARLY],
    ],
)
def test_deletions_that_are_not_possible(deletions: list[_Deletion]) -> None:
    """Whatever the outcomes say, a version is not deleted twice, nor after it was seen gone."""
    assert _deleted(*deletions).violations


@pytest.mark.parametrize("deletions", [[], [_REFUSED_EARLY]])
def test_a_deletion_that_nobody_made(deletions: list[_Deletion]) -> None:
    """A key that vanishes though nobody was told, or can think, that he deleted it is a fault."""
    assert _deleted(*deletions).doubled


class _HeldBack(broken_stores.BrokenStore):
    """A store whose watches stop after some events, until they are let go."""

    def __init__(self, store: SqliteStore) -> None:
        super().__init__(store)
        self.released = asyncio.Event()

    async def watch(
        self, prefix: bytes, *, after: int, progress: bool = False
    ) -> AsyncGenerator[Revision, None]:
        count = 0
        async with aclosing(self._store.watch(prefix, after=after, progress=progress)) as watch:
            async for revision in watch:
                count += 1
                if count > 10:
                    await self.released.wait()
                yield revision


async def test_the_end_of_a_run_waits_for_a_record_that_lags(store: SqliteStore) -> None:
    """Nobody has caught up by having as much as a record that lags itself.

    Only the mark, written behind everything else, tells: seen by the record and by each
    watcher. Then the history is right.
    """
    workload = Workload(seed=1)
    after = await store.revision()
    slow_record, slow_watch = _HeldBack(store), _HeldBack(store)
    subject = StoreSubject(store, store_run.PREFIX)
    lagging = StoreSubject(slow_watch, store_run.PREFIX)
    beside = [
        asyncio.create_task(workload.record(slow_record, store_run.PREFIX, after)),
        asyncio.create_task(workload.watch(lagging, "watcher", after)),
    ]
    writing = asyncio.create_task(workload.write(subject))
    while len(workload.history.calls) < 100:
        await asyncio.wait({writing}, timeout=0.01)
    workload.stop.set()
    await writing
    mark = await workload.mark(subject)
    final = await subject.list(at=mark)
    assert not await workload.reached(mark, ["watcher"], patience=0.1)
    slow_record.released.set()
    assert not await workload.reached(mark, ["watcher"], patience=0.1)
    slow_watch.released.set()
    assert await workload.reached(mark, ["watcher"], patience=PATIENCE)
    for task in beside:
        task.cancel()
    await asyncio.wait(beside)
    workload.finish(final.states, mark)
    report = checking.check(workload.history)
    assert report.is_right, str(report)
    assert report.watched == report.events > 10
