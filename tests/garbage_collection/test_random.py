"""Random graphs of owners, deleted at random amid faults, beside a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube_server.storage.etcd import EtcdStore
from protocube_server.storage.sqlite import SqliteStore
from tests import etcd_process
from tests.garbage_collection import graphs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(4))
async def test_what_is_left_is_what_the_model_says(tmp_path: Path, seed: int) -> None:
    """Whatever dies meanwhile, and whoever believes that it leads."""
    store = await SqliteStore.open(tmp_path / "store.db")
    try:
        await graphs.play(store, seed, things=200, deletions=10)
    finally:
        await store.close()


@pytest.mark.etcd
@pytest.mark.timeout(300)
async def test_on_etcd_too(tmp_path: Path) -> None:
    """The same on the other store."""
    with etcd_process.running(tmp_path / "etcd") as etcd:
        store = await EtcdStore.open([etcd.endpoint])
        try:
            await graphs.play(store, 100, things=200, deletions=10)
        finally:
            await store.close()
