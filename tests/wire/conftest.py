"""The implementations, empty for each test."""

from __future__ import annotations

import contextlib
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
        "sqlite-uncached",
        pytest.param("etcd", marks=pytest.mark.etcd),
        pytest.param("etcd-served", marks=pytest.mark.etcd),
        pytest.param("etcd-uncached", marks=pytest.mark.etcd),
    ]
)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Everywhere]:
    """Provide each implementation of the contract."""
    kind, _, way = request.param.partition("-")
    async with contextlib.AsyncExitStack() as stack:
        store: Store
        if kind == "sqlite":
            store = await SqliteStore.open(tmp_path / "store.db")
        else:
            etcd = stack.enter_context(etcd_process.running(tmp_path / "etcd"))
            store = await EtcdStore.open([etcd.endpoint])
        stack.push_async_callback(store.close)
        yield await stack.enter_async_context(
            everywhere.served(store, cached=way == "served") if way else everywhere.direct(store)
        )
