"""The four implementations, empty for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube_server.storage.etcd import EtcdStore
from protocube_server.storage.sqlite import SqliteStore
from tests import etcd_process
from tests.wire import everywhere

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from protocube_server.storage.base import Store
    from tests.wire.everywhere import Everywhere


@pytest.fixture(
    params=[
        "sqlite",
        "sqlite-served",
        pytest.param("etcd", marks=pytest.mark.etcd),
        pytest.param("etcd-served", marks=pytest.mark.etcd),
    ]
)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Everywhere]:
    """Give each implementation of the contract."""
    kind, _, is_served = request.param.partition("-")
    store: Store
    if kind == "sqlite":
        store = await SqliteStore.open(tmp_path / "store.db")
        async with (everywhere.served if is_served else everywhere.direct)(store) as found:
            yield found
        await store.close()
        return
    with etcd_process.running(tmp_path / "etcd") as etcd:
        store = await EtcdStore.open([etcd.endpoint])
        async with (everywhere.served if is_served else everywhere.direct)(store) as found:
            yield found
        await store.close()
