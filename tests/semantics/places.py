"""Servers that cases are replayed on: in this process, over a real socket, on a store each.

A bare one has no worker beside the calls, so its store moves by the calls alone. One with
controllers is a server as ``cube-apiserver`` runs it.
"""

from __future__ import annotations

import contextlib
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from protocube_server import app
from protocube_server.settings import Settings
from protocube_server.storage.etcd import EtcdStore
from protocube_server.storage.sqlite import SqliteStore
from tests import bare_server, etcd_process
from tests.semantics.wire import Wire

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from protocube_server.storage.base import Store

STORES: Final = ("sqlite", "etcd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A running server, the way to it, and its store behind its back."""

    wire: Wire
    store: Store
    prefix: str = bare_server.PREFIX


@asynccontextmanager
async def bare(kind: str, folder: Path) -> AsyncGenerator[Place, None]:
    """Provide a server without workers, on an empty store in ``folder``."""
    async with AsyncExitStack() as stack:
        store: Store
        if kind == "sqlite":
            store = await SqliteStore.open(_file(folder))
        else:
            etcd = stack.enter_context(etcd_process.running(folder))
            store = await EtcdStore.open([etcd.endpoint])
        stack.push_async_callback(store.close)
        api, state = bare_server.admitting(await bare_server.api_over(store))
        server = await stack.enter_async_context(bare_server.served(api, store=kind, state=state))
        wire = await stack.enter_async_context(Wire(server.address))
        yield Place(wire=wire, store=store)


@asynccontextmanager
async def with_controllers(kind: str, folder: Path) -> AsyncGenerator[Place, None]:
    """Provide a server with all its workers, on an empty store in ``folder``."""
    with contextlib.ExitStack() as processes:
        url = f"sqlite:{_file(folder)}"
        if kind == "etcd":
            url = f"etcd://{processes.enter_context(etcd_process.running(folder)).endpoint}"
        settings = Settings(listen="127.0.0.1:0", store=url, grace=bare_server.GRACE)
        async with app.running(settings) as running, Wire(running.address) as wire:
            yield Place(wire=wire, store=running.api.store)


def _file(folder: Path) -> Path:
    """Return where a store of one file lies, in a folder that is made for it."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "store.db"
