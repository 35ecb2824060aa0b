"""Following one object until it is no more."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube.catalog import Catalog, Resource
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import Client
from protocube_client.cli import object_changes, waiting

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

PATIENCE = 20
"""Seconds after which a test that waits for an end has failed."""


@pytest.fixture
async def client(server: str) -> AsyncGenerator[Client, None]:
    """Provide a client of the shared server."""
    async with Client(server) as client:
        yield client


@pytest.fixture
def config_maps() -> Resource:
    """Provide the kind ConfigMap."""
    found = Catalog.shipped(comments=False).for_kind("v1", "ConfigMap")
    assert found is not None
    return found


async def versions(client: Client, resource: Resource, message: Any) -> list[dict[str, str]]:
    """Return the data of the object as it was, version by version, until it was deleted."""
    changes = object_changes.until_deleted(client, resource, message)
    async with asyncio.timeout(PATIENCE), aclosing(changes) as each:
        return [dict(version.data) async for version in each]


async def test_an_object_that_has_gone_meanwhile_has_an_end(
    client: Client, namespace: str, config_maps: Resource
) -> None:
    """It is followed from the version that was read, so nothing that came after is missed.

    A new object of its name is another one.
    """
    metadata = ObjectMeta(name="web", namespace=namespace)
    first = await client.create(ConfigMap(metadata=metadata, data={"x": "1"}))
    await client.patch("configmaps", "web", {"data": {"x": "2"}}, namespace=namespace)
    await client.delete("configmaps", "web", namespace=namespace)
    again = await client.create(ConfigMap(metadata=metadata, data={"x": "3"}))
    assert await versions(client, config_maps, first) == [{"x": "1"}, {"x": "2"}]
    async with asyncio.timeout(PATIENCE):
        await waiting.gone(client, config_maps, first)
    assert await object_changes.current(client, config_maps, first) is None
    found = await object_changes.current(client, config_maps, again)
    assert found.metadata.uid == again.metadata.uid
