"""A server with a collector, in this process, on each store."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING

import pytest

from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.settings import Settings
from tests import etcd_process
from tests.garbage_collection.owned import Owned
from tests.server.caller import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Provide settings of a server on a free port and an empty store."""
    return Settings(listen="127.0.0.1:0", store=f"sqlite:{tmp_path}/store.db", grace=0.5)


@pytest.fixture(
    params=["sqlite", "sqlite-without-cache", pytest.param("etcd", marks=pytest.mark.etcd)]
)
async def owned(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path
) -> AsyncIterator[Owned]:
    """Provide the calls of a server, on each store; on one of them without a watch cache."""
    async with contextlib.AsyncExitStack() as stack:
        if request.param == "etcd":
            etcd = stack.enter_context(etcd_process.running(tmp_path / "etcd"))
            settings = dataclasses.replace(settings, store=f"etcd://{etcd.endpoint}")
        elif request.param == "sqlite-without-cache":
            settings = dataclasses.replace(settings, watch_cache=False)
        running = await stack.enter_async_context(app.running(settings))
        caller = Caller(running.address, Catalog.shipped())
        yield Owned(await stack.enter_async_context(caller))
