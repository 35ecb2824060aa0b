"""A server whose etcd is not there yet, goes away, and comes back."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from protocube import errors
from protocube.catalog import Catalog
from protocube.discovery.v1 import discovery_pb2, discovery_pb2_grpc
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.upkeep import readiness
from tests import etcd_process
from tests.etcd_process import Etcd, Membership
from tests.server.caller import Caller
from tests.server_process import ServerProcess, started

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 60.0
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def _etcd_to_come(folder: Path) -> Etcd:
    """Return an etcd that is not started, with ports of its own."""
    client, peer = etcd_process.free_ports()
    peers = f"one=http://127.0.0.1:{peer}"
    place = Membership(name="one", client_port=client, peer_port=peer, peers=peers)
    return Etcd(folder / "etcd", membership=place)


async def _said(process: ServerProcess, words: str) -> None:
    """Wait until the server has written a line with these words."""
    async with asyncio.timeout(PATIENCE):
        while not any(words in line for line in process.lines):
            assert await process._line(), f"the server ended: {process.lines}"


@pytest.mark.etcd
async def test_it_waits_and_says_so_and_tells_health(tmp_path: Path) -> None:
    """A server starts before its etcd, serves when it is there, and knows when it is not.

    Health is SERVING while the store can be reached, and both changes are in the log.
    """
    etcd = _etcd_to_come(tmp_path)
    flags = ("--listen", "127.0.0.1:0", "--store", f"etcd://{etcd.endpoint}")
    try:
        async with started(*flags) as process:
            await _said(process, f"waiting for the store (0 s): etcd at {etcd.endpoint}")
            await asyncio.to_thread(etcd.start)
            address = await process.ready()
            async with (
                asyncio.timeout(PATIENCE),
                grpc.aio.insecure_channel(address) as channel,
                Caller(address, Catalog.shipped()) as api,
            ):
                watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
                assert (await watch.read()).status == _SERVING
                made = await api.create(api.make("cm", "a"))
                etcd.kill()
                assert (await watch.read()).status == _NOT_SERVING
                await asyncio.to_thread(etcd.start)
                assert (await watch.read()).status == _SERVING
                assert await api.get("cm", "a") == made
            await _said(process, "the store is lost: ")
            await _said(process, "the store is back after")
    finally:
        etcd.kill()


async def _listening(process: ServerProcess) -> str:
    """Return the address of a server that waits for its store."""
    await _said(process, "listening on ")
    line = next(line for line in process.lines if "listening on " in line)
    return line.partition("listening on ")[2].partition(";")[0]


@pytest.mark.etcd
async def test_it_listens_and_says_why_it_does_not_serve(tmp_path: Path) -> None:
    """Before its etcd is there, health is NOT_SERVING, and calls are refused with the reason.

    What needs no store is served. When etcd has come, a health watch hears it, on the same
    connection, and calls are served.
    """
    etcd = _etcd_to_come(tmp_path)
    flags = ("--listen", "127.0.0.1:0", "--store", f"etcd://{etcd.endpoint}")
    try:
        async with started(*flags) as process:
            address = await _listening(process)
            async with (
                asyncio.timeout(PATIENCE),
                grpc.aio.insecure_channel(address) as channel,
                Caller(address, Catalog.shipped()) as api,
            ):
                health = health_pb2_grpc.HealthStub(channel)
                watches = [
                    health.Watch(health_pb2.HealthCheckRequest(service=name))
                    for name in ("", "protocube.core.v1.ConfigMaps")
                ]
                for watch in watches:
                    assert (await watch.read()).status == _NOT_SERVING
                reason = f"waits for its store: etcd at {etcd.endpoint}"
                for call in (
                    api.create(api.make("cm", "a")),
                    api.get("cm", "a"),
                    api.list("cm"),
                    anext(api.watch("cm")),
                ):
                    with pytest.raises(errors.Unavailable, match=reason) as caught:
                        await call
                    assert caught.value.retry_after == 1
                discovery = discovery_pb2_grpc.DiscoveryStub(channel)
                # Kinds of one's own may be in the store: what is listed without it would be a half.
                resources = discovery_pb2.ListResourcesRequest()
                with pytest.raises(grpc.aio.AioRpcError, match=reason):
                    await discovery.ListResources(resources)
                assert (await discovery.GetServerInfo(discovery_pb2.GetServerInfoRequest())).version
                await asyncio.to_thread(etcd.start)
                for watch in watches:
                    assert (await watch.read()).status == _SERVING
                assert await process.ready() == address
                assert (await discovery.ListResources(resources)).resources
                made = await api.create(api.make("cm", "a"))
                assert await api.get("cm", "a") == made
    finally:
        etcd.kill()


@pytest.mark.etcd
async def test_a_signal_ends_the_wait(tmp_path: Path) -> None:
    """A server that still waits for its etcd can be stopped, also while clients are there."""
    etcd = _etcd_to_come(tmp_path)
    flags = ("--listen", "127.0.0.1:0", "--store", f"etcd://{etcd.endpoint}")
    async with started(*flags, "--grace", "3600") as process:
        address = await _listening(process)
        async with grpc.aio.insecure_channel(address) as channel:
            watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
            assert (await watch.read()).status == _NOT_SERVING
            process.send(signal.SIGTERM)
            assert await process.ended() == 0


async def test_a_store_that_closes_is_lost(tmp_path: Path) -> None:
    """Whoever follows is told once, not with every question."""
    store = await SqliteStore.open(tmp_path / "store.db")
    told: list[bool] = []
    news = asyncio.Event()

    async def announce(*, ready: bool) -> None:
        told.append(ready)
        news.set()

    following = asyncio.create_task(readiness.follow(store, announce, every=0.0))
    await asyncio.sleep(0)
    await store.close()
    async with asyncio.timeout(PATIENCE):
        await news.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    following.cancel()
    await asyncio.wait({following})
    assert told == [False]
