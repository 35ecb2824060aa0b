"""The checker of histories: it passes what is right and catches what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube_server.storage.sqlite import SqliteStore
from tests.faults import broken_stores, store_run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.faults.broken_stores import BrokenStore

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
