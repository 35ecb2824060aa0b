"""Leases: keys that live as long as somebody says so."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from protocube_server.storage.etcd import EtcdStore
from protocube_server.storage.etcd.proto import rpc_pb2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.etcd_process import Etcd

pytestmark = pytest.mark.etcd
PATIENCE = 20.0


@pytest.fixture
async def store(own_etcd: Etcd) -> AsyncIterator[EtcdStore]:
    """Provide a store of an etcd that no other test uses."""
    opened = await EtcdStore.open([own_etcd.endpoint])
    yield opened
    await opened.close()


async def _put(store: EtcdStore, key: bytes, lease: int) -> None:
    put = rpc_pb2.PutRequest(key=key, value=b"one", lease=lease)
    await store._client.txn(rpc_pb2.TxnRequest(success=[rpc_pb2.RequestOp(request_put=put)]))


async def test_a_lease_that_runs_out_takes_its_keys(store: EtcdStore) -> None:
    """Nobody says that it lives: the key goes, and a watch sees its deletion."""
    lease = await store.leases.grant(1)
    assert 0 <= await store.leases.left(lease) <= 2
    await _put(store, b"/a", lease)
    async with asyncio.timeout(PATIENCE), contextlib.aclosing(store.watch(b"/", after=1)) as watch:
        assert (await anext(watch)).events[0].record is not None
        assert (await anext(watch)).events[0].record is None
    assert await store.leases.left(lease) < 0
    assert await store.leases.beat(lease) == 0


async def test_a_lease_that_is_held_outlives_its_time(store: EtcdStore) -> None:
    """While it is held the key stays; afterwards the lease is revoked, and the key goes at once."""
    async with store.leases.held(1) as held:
        await _put(store, b"/held", held)
        # Another lease of the same length runs out meanwhile, twice.
        for name in (b"/clock-1", b"/clock-2"):
            created = await store.revision()
            await _put(store, name, await store.leases.grant(1))
            async with (
                asyncio.timeout(PATIENCE),
                contextlib.aclosing(store.watch(name, after=created)) as watch,
            ):
                assert (await anext(watch)).events[0].record is not None
                assert (await anext(watch)).events[0].record is None
        assert await store.get(b"/held") is not None
    assert await store.get(b"/held") is None
    assert await store.leases.left(held) < 0


async def test_revoking_twice_is_harmless(store: EtcdStore) -> None:
    """A lease that has ended can be revoked."""
    lease = await store.leases.grant(10)
    await store.leases.revoke(lease)
    await store.leases.revoke(lease)
    assert await store.leases.left(lease) < 0


async def test_a_beat_after_a_restart(store: EtcdStore, own_etcd: Etcd) -> None:
    """A lease outlives etcd, and another beat finds it."""
    async with store.leases.held(30) as held:
        own_etcd.kill()
        await asyncio.to_thread(own_etcd.start)
        await store.revision()
        assert await store.leases.beat(held) == 30
