"""A server in this process, over a real socket and a store of its own."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import pytest

from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.settings import Settings
from tests.server.caller import Caller

if TYPE_CHECKING:
    from pathlib import Path

Serve = Callable[..., AbstractAsyncContextManager[Caller]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings of a server on a free port and an empty store; calls get no grace."""
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
    """Give the caller of a server with the shipped kinds."""
    async with serve() as caller:
        yield caller
