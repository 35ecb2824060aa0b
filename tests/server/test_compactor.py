"""Compaction by the leader of the servers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import aclosing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.etcd import EtcdStore
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.upkeep.compactor import Compactor, compacting
from protocube_server.upkeep.leadership import Leadership, Pace
from tests import etcd_process

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from protocube_server.storage.base import Store

INTERVAL = 0.1
PACE = Pace(renewal=0.05, deadline=3000.0, patience=3600.0, pause=0.01)
PATIENCE = 60.0


class Said(logging.Handler):
    """What the servers say about compaction: to which revision, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: asyncio.Queue[tuple[int, float]] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line of the log."""
        if record.msg.startswith("compacted"):
            (revision,) = record.args or (0,)
            assert isinstance(revision, int)
            self.lines.put_nowait((revision, record.created))

    async def next(self, count: int) -> list[tuple[int, float]]:
        """Return the next lines."""
        async with asyncio.timeout(PATIENCE):
            return [await self.lines.get() for _ in range(count)]


@pytest.fixture
async def said() -> AsyncIterator[Said]:
    """Provide what is said about compaction."""
    log, handler = logging.getLogger("protocube.server"), Said()
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler
    log.setLevel(before)
    log.removeHandler(handler)


@contextlib.asynccontextmanager
async def server(store: Store) -> AsyncIterator[asyncio.Task[None]]:
    """Provide a server's part in the leadership, which compacts."""
    workers = (compacting(store, "/registry", INTERVAL),)
    running = asyncio.create_task(Leadership(store, "/registry", pace=PACE).run(workers))
    try:
        yield running
    finally:
        running.cancel()
        await asyncio.wait({running})


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Provide an empty store of each kind."""
    opened: Store
    if request.param == "sqlite":
        opened = await SqliteStore.open(tmp_path / "store.db")
        yield opened
        await opened.close()
        return
    with etcd_process.running(tmp_path / "etcd") as etcd:
        opened = await EtcdStore.open([etcd.endpoint])
        yield opened
        await opened.close()


async def test_the_first_turn_only_looks(store: Store) -> None:
    """A server that starts compacts nothing and writes nothing."""
    created = await store.create(b"/registry/a/b", b"one")
    await store.update(created.key, b"two", expected=created.mod_revision)
    before = await store.revision()
    assert await Compactor(store).turn() == 0
    assert await store.revision() == before
    assert (await store.list(b"/", at=created.mod_revision)).records == (created,)


async def test_a_turn_compacts_to_the_one_before(store: Store) -> None:
    """What was the newest state at the last turn stays readable; what was before it goes."""
    created = await store.create(b"/registry/a/b", b"one")
    updated = await store.update(created.key, b"two", expected=created.mod_revision)
    compactor = Compactor(store)
    await compactor.turn()
    await store.update(created.key, b"three", expected=updated.mod_revision)
    assert await compactor.turn() == updated.mod_revision
    assert (await store.list(b"/registry/a/", at=updated.mod_revision)).records == (updated,)
    with pytest.raises(errors.Expired):
        await store.list(b"/registry/a/", at=created.mod_revision)


async def test_a_turn_that_fails_forgets_nothing(store: Store) -> None:
    """The next one compacts to what was seen before it."""
    created = await store.create(b"/registry/a/b", b"one")
    compactor = Compactor(store)
    await compactor.turn()
    seen, compactor._seen = compactor._seen, compactor._seen + 1000
    with pytest.raises(errors.Timeout, match="future"):
        await compactor.turn()
    assert compactor._seen == seen + 1000
    compactor._seen = seen
    await store.update(created.key, b"two", expected=created.mod_revision)
    assert await compactor.turn() == seen


async def test_of_several_servers_one_compacts(store: Store, said: Said) -> None:
    """In each interval exactly one of them does, and each to an interval before at least."""
    lines: list[tuple[int, float]] = []
    newest = 0
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(5):
            await stack.enter_async_context(server(store))
        for number in range(6):
            await store.create(f"/registry/a/{number}".encode(), b"one")
            lines += await said.next(1)
            # What was the newest when the compaction before was over is still there.
            assert number == 0 or lines[-1][0] <= newest
            newest = await store.revision()
    times = [when for _, when in lines]
    assert all(later - earlier >= INTERVAL * 0.9 for earlier, later in pairwise(times))
    # Twice the same, where nothing was written in an interval.
    revisions = [revision for revision, _ in lines]
    assert revisions == sorted(revisions)


async def test_a_server_that_stops_is_replaced(store: Store, said: Said) -> None:
    """When the one that compacted is gone, another one goes on."""
    async with server(store) as first:
        await said.next(2)
        async with server(store):
            first.cancel()
            await asyncio.wait({first})
            while not said.lines.empty():
                said.lines.get_nowait()
            await said.next(2)


async def test_the_key_of_the_first_format_is_removed(store: Store) -> None:
    """Once, by the leader; another one's keys stay."""
    former = await store.create(b"/registry/compaction", b"5")
    beside = await store.create(b"/registry/compactions/x", b"one")
    async with server(store), server(store):
        watch = store.watch(b"/registry/compaction", after=beside.mod_revision)
        async with asyncio.timeout(PATIENCE), aclosing(watch):
            (event,) = (await anext(watch)).events
    assert (event.key, event.record) == (former.key, None)
    assert await store.get(beside.key) == beside
