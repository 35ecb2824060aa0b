"""Compaction by one server of many."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.etcd import EtcdStore
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.upkeep.compactor import Compactor
from tests import etcd_process

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from protocube_server.storage.base import Store


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Give an empty store of each kind."""
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
    assert await Compactor(store, "/registry").turn() == 0
    assert await store.revision() == before
    assert (await store.list(b"/", at=created.mod_revision)).records == (created,)


async def test_a_turn_compacts_to_the_one_before(store: Store) -> None:
    """What was the newest state at the last turn stays readable; what was before it goes."""
    created = await store.create(b"/registry/a/b", b"one")
    updated = await store.update(created.key, b"two", expected=created.mod_revision)
    compactor = Compactor(store, "/registry")
    await compactor.turn()
    await store.update(created.key, b"three", expected=updated.mod_revision)
    assert await compactor.turn() == updated.mod_revision
    assert (await store.list(b"/registry/a/", at=updated.mod_revision)).records == (updated,)
    with pytest.raises(errors.Expired):
        await store.list(b"/registry/a/", at=created.mod_revision)


async def test_of_several_servers_one_compacts(store: Store) -> None:
    """In each round exactly one of them does, and each to a round before at least."""
    servers = [Compactor(store, "/registry") for _ in range(5)]
    assert [await server.turn() for server in servers] == [0] * 5
    newest = await store.revision()
    for number in range(4):
        await store.create(f"/registry/a/{number}".encode(), b"one")
        turns = await asyncio.gather(*(server.turn() for server in servers))
        done = [revision for revision in turns if revision]
        assert len(done) == 1
        assert done[0] <= newest
        newest = await store.revision()


async def test_a_server_that_stops_is_replaced(store: Store) -> None:
    """When the one that compacted is gone, the others go on."""
    first, second = Compactor(store, "/registry"), Compactor(store, "/registry")
    for server in (first, second):
        await server.turn()
    assert await first.turn()
    assert not await second.turn()
    assert await second.turn()
    assert await Compactor(store, "/registry").turn() == 0
