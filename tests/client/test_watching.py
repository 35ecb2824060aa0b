"""Watches of the Python client: every event once, whatever happens to the connection."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import aclosing
from typing import TYPE_CHECKING, assert_type

import pytest

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import Client, EventType, WatchEvent
from tests import server_process
from tests.relay import Relay

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

PATIENCE = 20
"""Seconds after which a test that waits for an event has failed."""


@pytest.fixture
async def client(server: str) -> AsyncGenerator[Client, None]:
    """Provide a client of the shared server."""
    async with Client(server) as client:
        yield client


def config_map(name: str, namespace: str, value: str = "") -> ConfigMap:
    """Return a ConfigMap."""
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace), data={"k": value})


async def take(
    events: AsyncGenerator[WatchEvent[ConfigMap], None], count: int
) -> list[tuple[str, str]]:
    """Return type and name of the next events."""
    seen = []
    async with asyncio.timeout(PATIENCE):
        for _ in range(count):
            event = await anext(events)
            seen.append((event.type.value, event.object.metadata.name))
    return seen


async def test_a_watch_begins_with_what_there_is(client: Client, namespace: str) -> None:
    """Without a version the objects come first, as ADDED, then what happens to them."""
    await client.create(config_map("a", namespace))
    async with aclosing(client.watch(ConfigMap, namespace=namespace)) as events:
        first = await anext(events)
        assert_type(first, WatchEvent[ConfigMap])
        assert first.type is EventType.ADDED
        assert type(first.object) is ConfigMap
        await client.create(config_map("b", namespace))
        item = await client.get(ConfigMap, "a", namespace=namespace)
        item.data["k"] = "w"
        await client.update(item)
        await client.delete(ConfigMap, "b", namespace=namespace)
        assert await take(events, 3) == [("ADDED", "b"), ("MODIFIED", "a"), ("DELETED", "b")]


async def test_a_watch_goes_on_after_a_version(client: Client, namespace: str) -> None:
    """With the version of a list, the watch gives what the list did not hold."""
    await client.create(config_map("a", namespace))
    listing = await client.list(ConfigMap, namespace=namespace)
    await client.create(config_map("b", namespace))
    watch = client.watch(ConfigMap, namespace=namespace, resource_version=listing.resource_version)
    async with aclosing(watch) as events:
        assert await take(events, 1) == [("ADDED", "b")]


async def test_a_selector_turns_changes_into_comings_and_goings(
    client: Client, namespace: str
) -> None:
    """An object that begins or ceases to match is ADDED or DELETED."""
    created = await client.create(config_map("a", namespace))
    watch = client.watch(ConfigMap, namespace=namespace, label_selector="in=yes")
    async with aclosing(watch) as events:
        for label in ("yes", "no"):
            created.metadata.labels["in"] = label
            waiting = asyncio.create_task(take(events, 1))
            created = await client.update(created)
            seen = await waiting
            assert seen == [("ADDED" if label == "yes" else "DELETED", "a")]


async def test_a_lost_connection_loses_and_repeats_nothing(
    server: str, client: Client, namespace: str
) -> None:
    """Many events arrive once each and in order, though the connection is cut again and again."""
    async with Relay(server) as relay, Client(relay.address) as watcher:
        async with aclosing(watcher.watch(ConfigMap, namespace=namespace)) as events:
            seen: list[tuple[str, str]] = []
            for number in range(30):
                await client.create(config_map(f"c{number:02}", namespace))
                if number % 3 == 0:
                    seen += await take(events, 1)
                if number % 5 == 0:
                    relay.cut()
            seen += await take(events, 30 - len(seen))
        assert seen == [("ADDED", f"c{number:02}") for number in range(30)]
        assert relay.connections > 3


async def test_a_version_that_was_compacted_is_expired(tmp_path: Path) -> None:
    """A watch that cannot give everything since its version says so, and gives nothing wrong."""

    async def watch_until_compacted(client: Client) -> None:
        before = await client.list(ConfigMap)
        for number in itertools.count():
            await client.create(config_map(f"c{number}", "default"))
            watch = client.watch(ConfigMap, resource_version=before.resource_version)
            async with aclosing(watch) as events:
                event = await anext(events)
                assert event.object.metadata.name == "c0"

    flags = ("--compact-interval", "0.1", "--no-watch-cache")
    with server_process.running(tmp_path / "store.db", *flags) as started:
        async with Client(started.address) as client, asyncio.timeout(PATIENCE):
            with pytest.raises(errors.Expired):
                await watch_until_compacted(client)
