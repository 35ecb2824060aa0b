"""Several servers of one store: whose turn it is, and what happens when one is away."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import Client
from protocube_client.connection import address
from protocube_client.connection.connection import Connection
from protocube_client.connection.unreachable import ConnectionRefused
from tests.relay import Relay

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine

LIMIT = 60
"""Seconds after which a test that waits for something has failed."""
NOBODY = "127.0.0.1:1"
"""An address where nothing listens."""


async def test_calls_go_to_each_server_in_turn(server: str) -> None:
    """Neither is without calls."""
    async with Relay(server) as one, Relay(server) as two:
        async with Client(f"{one.address},{two.address}") as client:
            for _ in range(4):
                await client.list(ConfigMap, namespace="none")
        assert (one.connections, two.connections) == (1, 1)


async def test_a_server_that_is_away_is_passed_over(server: str) -> None:
    """Calls and watches go to the one that is there, the first call of a client, too."""
    async with (
        asyncio.timeout(LIMIT),
        Relay(server) as relay,
        Client(f"{NOBODY},{relay.address}", patience=0) as client,
    ):
        for number in range(4):
            await client.create(ConfigMap(metadata=ObjectMeta(name=f"passed-{number}")))
        async with aclosing(client.watch(ConfigMap, label_selector="!none")) as events:
            await anext(events)
        for number in range(4):
            await client.delete(ConfigMap, f"passed-{number}")


async def test_a_watch_goes_on_at_another_server(server: str) -> None:
    """When its server goes, nothing is lost."""
    async with Client(server) as direct, Relay(server) as one, Relay(server) as two:
        before = await direct.list(ConfigMap, namespace="default")
        async with Client(f"{one.address},{two.address}") as client, asyncio.timeout(LIMIT):
            events = client.watch(ConfigMap, resource_version=before.resource_version)
            async with aclosing(events):
                await direct.create(ConfigMap(metadata=ObjectMeta(name="seen")))
                assert (await anext(events)).type == "ADDED"
                first, other = (one, two) if one.connections else (two, one)
                first.aim(NOBODY)
                first.cut()
                await direct.delete(ConfigMap, "seen")
                assert (await anext(events)).type == "DELETED"
                assert other.connections == 1


async def test_all_away_names_all() -> None:
    """The error has every address."""
    both = f"{NOBODY},127.0.0.1:2"
    async with Connection(both) as connection:
        with pytest.raises(ConnectionRefused, match=f"The connection to the server {both} was"):
            await connection.call("/protocube.core.v1.ConfigMaps/List", b"")


async def test_all_addresses_of_a_name(server: str) -> None:
    """``dns:///`` is gRPC's own, which finds the addresses and takes them in turn."""
    port = server.rpartition(":")[2]
    async with Client(f"dns:///localhost:{port}") as client:
        assert (await client.list(ConfigMap, namespace="none")).resource_version


def test_cubectl_takes_several(cubectl: CommandLine, server: str) -> None:
    """By its flag, as by its configuration."""
    done = cubectl("get", "configmaps", "-n", "none", "--server", f"{NOBODY},{server}")
    assert (done.code, done.err) == (0, "No resources found in none namespace.\n")


@pytest.mark.parametrize(
    ("server", "message"),
    [
        ("a:1,", 'the server "" is not HOST:PORT'),
        ("a:1,b", 'the server "b" is not HOST:PORT'),
        ("a:1,a:1", 'the server "a:1" is given twice'),
        ("a:1,dns:///b:2", 'the server "dns:///b:2" stands for several, and is given alone'),
        ("dns:///b", 'the server "dns:///b" is not HOST:PORT'),
        ("a:1,http://b:2", 'the server "http://b:2" is not HOST:PORT: leave out "http://"'),
    ],
)
def test_what_is_no_list_of_servers(server: str, message: str) -> None:
    """Is refused before anything is sent, and the part that is wrong is named."""
    with pytest.raises(ValueError, match=message):
        address.parse(server)
