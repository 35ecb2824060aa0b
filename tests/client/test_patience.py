"""A client that outlives its server: what is sent again when it comes back, and what is not."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import Client, update_with_retry
from protocube_client.connection.unreachable import ConnectionRefused
from tests import server_process
from tests.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

LIMIT = 60
"""Seconds after which a test that waits for something has failed."""


def config_map(name: str, value: str = "") -> ConfigMap:
    """Return a ConfigMap."""
    return ConfigMap(metadata=ObjectMeta(name=name), data={"k": value})


async def test_calls_outlive_a_restart(tmp_path: Path) -> None:
    """Reads, changes and new objects are sent again when the server has come back."""
    flags = ("--listen", "127.0.0.1:0", "--store", f"sqlite:{tmp_path / 'store'}")
    async with (
        server_process.started(*flags) as first,
        Relay(await first.ready()) as relay,
        Client(relay.address) as client,
    ):
        kept = await client.create(config_map("kept"))
        await first.kill()
        relay.cut()
        calls = asyncio.gather(
            client.get(ConfigMap, "kept"),
            client.list(ConfigMap),
            client.create(config_map("new")),
            update_with_retry(client, ConfigMap, "kept", lambda item: item.data.update(k="v")),
            client.apply(config_map("applied"), field_manager="test"),
        )
        async with server_process.started(*flags) as second, asyncio.timeout(LIMIT):
            relay.aim(await second.ready())
            got, listed, made, updated, _ = await calls
            names = [item.metadata.name for item in await client.list(ConfigMap)]
    assert got.metadata.uid == kept.metadata.uid
    assert "kept" in [item.metadata.name for item in listed]
    assert made.metadata.name == "new"
    assert updated.data["k"] == "v"
    assert names == ["applied", "kept", "new"]


async def test_a_server_that_was_never_there_is_told_at_once() -> None:
    """A wrong address must not look like a slow server."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with Client(f"127.0.0.1:{closed.getsockname()[1]}", patience=3600) as client:
            async with asyncio.timeout(LIMIT):
                with pytest.raises(ConnectionRefused):
                    await client.get(ConfigMap, "x")


async def test_patience_ends(server: str) -> None:
    """Without any left, a call fails as it always did."""
    async with Relay(server) as relay, Client(relay.address, patience=0) as client:
        await client.list(ConfigMap, namespace="none")
        relay.aim("127.0.0.1:1")
        relay.cut()
        with pytest.raises(errors.Unavailable):
            await client.get(ConfigMap, "x")


async def test_a_call_that_may_have_been_carried_out_is_not_repeated(server: str) -> None:
    """Its caller has to know; a request id makes it safe, and then it is carried out once."""
    async with Client(server) as direct, Relay(server) as relay, Client(relay.address) as client:
        await client.list(ConfigMap)
        with pytest.raises(errors.OutcomeUnknown):
            await _lost(relay, direct, client.create(config_map("unsafe")))
        await client.list(ConfigMap)
        made = await _lost(relay, direct, client.create(config_map("safe"), request_id="one"))
        there = await direct.get(ConfigMap, "safe")
        assert made.metadata.uid == there.metadata.uid
        for name in ("safe", "unsafe"):
            await direct.delete(ConfigMap, name)


async def _lost(
    relay: Relay, direct: Client, call: Coroutine[object, object, ConfigMap]
) -> ConfigMap:
    """Carry out a create, and lose its answer with the connection."""
    before = await direct.list(ConfigMap)
    events = direct.watch(ConfigMap, resource_version=before.resource_version)
    relay.hold_answers()
    task = asyncio.ensure_future(call)
    async with aclosing(events), asyncio.timeout(LIMIT):
        await anext(events)
        relay.cut()
        relay.give_answers()
        return await task


async def test_a_watch_says_that_it_begins_again(
    server: str, caplog: pytest.LogCaptureFixture
) -> None:
    """At the level DEBUG, with the method and the reason."""
    caplog.set_level(logging.DEBUG, logger="protocube_client")
    async with Client(server) as client, Relay(server) as relay, Client(relay.address) as other:
        before = await client.create(config_map("first"))
        events = other.watch(
            ConfigMap,
            field_selector="metadata.name=first",
            resource_version=before.metadata.resource_version,
        )
        async with aclosing(events), asyncio.timeout(LIMIT):
            # What comes behind a version comes by a stream.
            before.data["k"] = "changed"
            await client.update(before)
            first = await anext(events)
            following = asyncio.ensure_future(anext(events))
            while relay.connections < 2:
                relay.cut()
                await asyncio.sleep(0)
            await client.delete(ConfigMap, "first")
            deleted = await following
    assert deleted.type == "DELETED"
    assert int(first.resource_version) < int(deleted.resource_version)
    told = [each.getMessage() for each in caplog.records if each.levelno == logging.DEBUG]
    assert [text for text in told if "ConfigMaps/Watch: again in" in text], told


async def test_events_say_where_to_go_on(server: str) -> None:
    """A watch after an event's version begins with the next event.

    Of the objects that were there at first only the last one has a version.
    """
    async with Client(server) as client, asyncio.timeout(LIMIT):
        for name in ("a", "b"):
            made = config_map(name)
            made.metadata.labels["test"] = "positions"
            await client.create(made)
        async with aclosing(client.watch(ConfigMap, label_selector="test=positions")) as events:
            initial = [await anext(events) for _ in "ab"]
            await client.delete(ConfigMap, "a")
            first = await anext(events)
            await client.delete(ConfigMap, "b")
        assert [event.resource_version != "" for event in initial] == [False, True]
        for position, names in (
            (initial[1].resource_version, ["a", "b"]),
            (first.resource_version, ["b"]),
        ):
            again = client.watch(
                ConfigMap, label_selector="test=positions", resource_version=position
            )
            async with aclosing(again):
                seen = [(await anext(again)).object.metadata.name for _ in names]
            assert seen == names


async def test_lists_are_bounded_and_go_on(server: str) -> None:
    """``limit`` ends a list, its token leads to the rest, and pages are of one version."""
    async with Client(server) as client:
        for name in "abcde":
            made = config_map(name)
            made.metadata.labels["test"] = "limits"
            await client.create(made)
        some = await client.list(ConfigMap, label_selector="test=limits", limit=3, page_size=2)
        await client.delete(ConfigMap, "d")
        rest = await client.list(
            ConfigMap, label_selector="test=limits", continue_token=some.continue_token
        )
        newest = await client.list(
            ConfigMap, label_selector="test=limits", resource_version=some.resource_version
        )
        with pytest.raises(errors.BadRequest, match="cannot both be given"):
            await client.list(ConfigMap, at_revision="1", resource_version="1")
        await client.delete_collection(ConfigMap, {"label_selector": "test=limits"})
    assert [item.metadata.name for item in some] == ["a", "b", "c"]
    assert [item.metadata.name for item in rest] == ["d", "e"]
    assert (rest.resource_version, rest.continue_token) == (some.resource_version, "")
    assert [item.metadata.name for item in newest] == ["a", "b", "c", "e"]
