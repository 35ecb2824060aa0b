"""A server in this process, over a real socket and a store of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import pytest

from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.settings import Settings
from tests import etcd_process
from tests.server.caller import Caller
from tests.server.repeating import Served
from tests.server.store_commands import fill

if TYPE_CHECKING:
    from pathlib import Path

Serve = Callable[..., AbstractAsyncContextManager[Caller]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Provide settings of a server on a free port and an empty store; calls get no grace."""
    return Settings(listen="127.0.0.1:0", store=f"sqlite:{tmp_path}/store.db", grace=0.5)


@pytest.fixture
def serve(settings: Settings) -> Serve:
    """Start a server, by keywords of ``Settings`` and with a catalog, and give its caller."""

    @contextlib.asynccontextmanager
    async def start(catalog: Catalog | None = None, **changed: Any) -> AsyncGenerator[Caller, None]:
        import dataclasses

        catalog = catalog or Catalog.shipped()
        chosen = dataclasses.replace(settings, **changed)
        async with (
            app.running(chosen, catalog) as running,
            Caller(running.address, catalog) as caller,
        ):
            yield caller

    return start


@pytest.fixture
async def api(serve: Serve) -> AsyncGenerator[Caller, None]:
    """Provide the caller of a server with the shipped kinds."""
    async with serve() as caller:
        yield caller


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Provide the URL of a store with two objects."""
    found = f"sqlite:{tmp_path}/store.db"
    asyncio.run(fill(found, "a", "b"))
    return found


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Provide the URL of an empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path}/other.db"
        return
    with etcd_process.running(tmp_path / "etcd") as etcd:
        yield f"etcd://{etcd.endpoint}/another/prefix"


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
async def served(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path
) -> AsyncGenerator[Served, None]:
    """Provide a server on each store."""
    import dataclasses

    async with contextlib.AsyncExitStack() as stack:
        if request.param == "etcd":
            etcd = stack.enter_context(etcd_process.running(tmp_path / "etcd"))
            settings = dataclasses.replace(settings, store=f"etcd://{etcd.endpoint}")
        running = await stack.enter_async_context(app.running(settings))
        caller = Caller(running.address, Catalog.shipped())
        yield Served(caller=await stack.enter_async_context(caller), api=running.api)
