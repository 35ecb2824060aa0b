"""The checker of histories: it passes what is right and catches what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube_server.storage.sqlite import SqliteStore
from tests.faults import broken_stores, checking, store_run
from tests.faults.history import Call, Change, Fate, History, Seen, Verb

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.faults.broken_stores import BrokenStore
    from tests.faults.checking import Report

CALLS = 1500


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """Give a store that is right."""
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
    elif kind is broken_stores.ReadsStale:
        assert report.violations, str(report)
        assert not report.lost
    else:
        assert report.doubled, str(report)


def _deleted_before(*fates: Fate) -> Report:
    """Check a key that was deleted once, for deletions one after the other with these fates."""
    created = Change(seen=Seen(revision=2, key="k", token="t"), version=1, previous=0)
    deleted = Change(seen=Seen(revision=3, key="k", token=None), version=0, previous=2)
    create = Call(
        verb=Verb.CREATE, key="k", begun=0, ended=1, fate=Fate.DONE, token="t", revision=2
    )
    absent = Call(verb=Verb.GET, key="k", begun=3.1, ended=3.9, fate=Fate.DONE)
    deletions = [
        Call(
            verb=Verb.DELETE,
            key="k",
            begun=2.0 + 2 * number,
            ended=3.0 + 2 * number,
            fate=fate,
            expected=2,
            revision=3 if fate is Fate.DONE else 0,
        )
        for number, fate in enumerate(fates)
    ]
    return checking.check(History(calls=[create, absent, *deletions], changes=[created, deleted]))


def test_deletions_are_told_apart() -> None:
    """A deletion of unknown outcome, behind one that is done, has just not happened.

    A second one that is said to be done cannot be right, and neither can a refused one alone.
    """
    assert _deleted_before(Fate.DONE, Fate.UNKNOWN).is_right
    assert _deleted_before(Fate.UNKNOWN, Fate.UNKNOWN).is_right
    assert _deleted_before(Fate.DONE, Fate.DONE).violations
    assert _deleted_before(Fate.REFUSED).doubled
    assert _deleted_before(Fate.REFUSED, Fate.UNKNOWN).violations
