"""Calls to a server without room wait as it asks, whichever call it is, and then succeed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.pod_pb2 import Pod
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import Client, EventType
from protocube_client.connection.connection import Connection
from tests.client.busy_server import busy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

PATIENCE = 20
"""Seconds after which a test that waits for something has failed."""


@pytest.fixture
async def client(server: str) -> AsyncGenerator[Client, None]:
    """Yield a client of the server that is not busy."""
    async with Client(server) as client:
        yield client


def config_map(name: str, namespace: str, **labels: str) -> ConfigMap:
    """Return a ConfigMap to create."""
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace, labels=labels))


async def test_every_call_of_the_library_waits(server: str, client: Client, namespace: str) -> None:
    """All are refused once, each waits for the second that the server asks for, and is done."""
    pod = Pod(metadata=ObjectMeta(name="web", namespace=namespace))
    pod.spec.containers.add(name="web", image="web:1")
    pod = await client.create(pod)
    pod.status.phase = "Running"
    read = await client.create(config_map("read", namespace))
    read.data["k"] = "v"
    for name in ("gone", "many"):
        await client.create(config_map(name, namespace, tier=name))
    async with busy(server, refusals=7, places=7) as full, Client(full.address) as other:
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(
                other.create(config_map("new", namespace)),
                other.update(read),
                other.update_status(pod),
                other.get(Pod, "web", namespace=namespace),
                other.list(ConfigMap, namespace=namespace),
                other.delete(ConfigMap, "gone", namespace=namespace),
                other.delete_collection(
                    ConfigMap, {"namespace": namespace, "label_selector": "tier=many"}
                ),
            )
    assert sorted(method.rpartition("/")[2] for method in full.refused) == [
        "Create", "Delete", "DeleteCollection", "Get", "List", "Update", "UpdateStatus",
    ]  # fmt: skip
    listing = await client.list(ConfigMap, namespace=namespace)
    assert [item.metadata.name for item in listing] == ["new", "read"]
    assert dict(listing.items[1].data) == {"k": "v"}
    assert (await client.get(Pod, "web", namespace=namespace)).status.phase == "Running"


async def test_a_watch_waits_for_room(server: str, client: Client, namespace: str) -> None:
    """A stream above the limit is opened when there is room, and misses nothing."""
    before = await client.list(ConfigMap, namespace=namespace)
    await client.create(config_map("a", namespace))
    async with busy(server) as full, Client(full.address) as other:
        events = other.watch(
            ConfigMap, namespace=namespace, resource_version=before.resource_version
        )
        async with aclosing(events), asyncio.timeout(PATIENCE):
            event = await anext(events)
    assert full.refused == ["/protocube.core.v1.ConfigMaps/Watch"]
    assert (event.type, event.object.metadata.name) == (EventType.ADDED, "a")


async def test_a_call_waits_no_longer_than_its_own_time(server: str) -> None:
    """A delay that would not end in time is not waited for: the refusal is raised at once."""
    async with busy(server, refusals=0) as full:
        for client in (
            Client(full.address, timeout=0.9),
            Client(Connection(full.address, timeout=0.9)),
        ):
            async with client, client.connection:
                with pytest.raises(errors.TooManyRequests, match=r"\(--max-calls\)"):
                    await client.get(ConfigMap, "x")
        assert len(full.refused) == 2


async def test_a_call_that_waits_can_be_cancelled(server: str) -> None:
    """It is not sent again."""
    async with busy(server, refusals=0) as full, Client(full.address) as client:
        waiting = asyncio.create_task(client.get(ConfigMap, "x"))
        await full.refusal.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert len(full.refused) == 1
