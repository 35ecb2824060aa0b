"""Stores that servers share, and servers that take part in their leadership."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from protocube_server.storage import keys
from protocube_server.storage.etcd import EtcdStore
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.upkeep.leadership import Leadership, Pace
from tests.etcd_process import Etcd, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from protocube_server.storage.base import Record, Store
    from protocube_server.upkeep.term import Term

KEY = keys.system("/registry", keys.Area.LEADERSHIP)
PATIENCE = 60.0
"""No test waits longer, in seconds."""
NEVER = Pace(renewal=0.05, deadline=3000.0, patience=3600.0, pause=0.01)
"""A pace at which no server is replaced because it is silent."""


@dataclass(kw_only=True)
class Server:
    """One server's part in the leadership, with a worker that tells when it runs."""

    leadership: Leadership
    terms: asyncio.Queue[Term] = field(default_factory=asyncio.Queue)
    ended: asyncio.Queue[Term] = field(default_factory=asyncio.Queue)
    running: asyncio.Task[None] | None = None

    def start(self, *workers: Any) -> None:
        """Take part, with further workers."""
        self.running = asyncio.create_task(self.leadership.run((self._work, *workers)))

    async def led(self) -> Term:
        """Return the next term of this server, once it has begun."""
        async with asyncio.timeout(PATIENCE):
            return await self.terms.get()

    async def over(self) -> Term:
        """Return the next term of this server whose worker was cancelled."""
        async with asyncio.timeout(PATIENCE):
            return await self.ended.get()

    async def stop(self) -> None:
        """Stop as a server does that is told to."""
        if self.running is not None:
            self.running.cancel()
            await asyncio.wait({self.running})

    async def _work(self, term: Term) -> None:
        self.terms.put_nowait(term)
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.put_nowait(term)


@contextlib.asynccontextmanager
async def taking_part(
    *stores: Store, pace: Pace = NEVER, names: str = "abcdefgh"
) -> AsyncIterator[list[Server]]:
    """Provide a server for each store, none of them started; stop them afterwards."""
    servers = [
        Server(leadership=Leadership(store, "/registry", holder=name, pace=pace))
        for store, name in zip(stores, names, strict=False)
    ]
    try:
        yield servers
    finally:
        for server in servers:
            await server.stop()


def claim_of(record: Record | None) -> dict[str, Any]:
    """Return what the key of the leadership says."""
    assert record is not None
    found = json.loads(record.value)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def etcd(tmp_path: Path) -> Iterator[Etcd]:
    """Provide an etcd that no other test uses."""
    with running(tmp_path / "etcd") as process:
        yield process


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("etcd", marks=pytest.mark.etcd),
        pytest.param("etcd-singles", marks=pytest.mark.etcd),
    ]
)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Provide an empty store of each kind."""
    opened: Store
    if request.param == "sqlite":
        opened = await SqliteStore.open(tmp_path / "store.db")
    else:
        process: Etcd = request.getfixturevalue("etcd")
        nested = None if request.param == "etcd" else False
        opened = await EtcdStore.open([process.endpoint], nested=nested)
    yield opened
    await opened.close()
