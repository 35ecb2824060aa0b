"""Lists of the Python client whose pages are forgotten by the server before the last one."""

from __future__ import annotations

import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_client import Client
from tests import bare_server
from tests.simulation.contested import Contested

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


@pytest.fixture
async def server() -> Contested:
    """Provide a server over a store of five objects."""
    made = await Contested.begin()
    made.fill("cm", "abcde")
    return made


@pytest.fixture
async def client(server: Contested) -> AsyncIterator[Client]:
    """Provide a client of the server, whose lists are read from its store."""
    async with contextlib.AsyncExitStack() as stack:
        running = await stack.enter_async_context(bare_server.served(server.api, cached=False))
        yield await stack.enter_async_context(Client(running.address))


def forgets(server: Contested, *, made: str) -> Callable[[], None]:
    """Return what changes the objects, and lets the store forget what they were."""

    def deed() -> None:
        server.others_delete("cm", "a")()
        server.fill("cm", [made])
        server.world.compact(server.world.history.revision)

    return deed


async def test_a_list_is_read_anew(server: Contested, client: Client) -> None:
    """It gives the objects of one revision, and nothing twice: the first pages are dropped."""
    prefix = server.kind("cm").prefix("default")
    server.world.before_list(prefix, forgets(server, made="aa"), nth=2)
    found = await client.list(ConfigMap, namespace="default", page_size=2)
    assert [item.metadata.name for item in found] == ["aa", "b", "c", "d", "e"]
    assert int(found.resource_version) == server.world.history.revision


async def test_a_list_is_read_anew_a_few_times(server: Contested, client: Client) -> None:
    """Then the server forgets too fast, and its error is raised."""
    prefix = server.kind("cm").prefix("default")
    for number in range(3):
        server.world.before_list(prefix, forgets(server, made=f"n{number}"), nth=2 + 2 * number)
    with pytest.raises(errors.Expired, match="continue parameter is too old"):
        await client.list(ConfigMap, namespace="default", page_size=2)
    found = await client.list(ConfigMap, namespace="default", page_size=2)
    assert [item.metadata.name for item in found] == ["b", "c", "d", "e", "n0", "n1", "n2"]


async def test_a_list_at_a_revision_is_of_no_other_one(server: Contested, client: Client) -> None:
    """Who names a revision is told that it is forgotten."""
    at = str(server.world.history.revision)
    prefix = server.kind("cm").prefix("default")
    server.world.before_list(prefix, forgets(server, made="aa"), nth=2)
    with pytest.raises(errors.Expired, match="continue parameter is too old"):
        await client.list(ConfigMap, namespace="default", page_size=2, at_revision=at)


async def test_pages_end_where_they_are_forgotten(server: Contested, client: Client) -> None:
    """What was given cannot be taken back: the error comes behind it, and no other objects."""
    prefix = server.kind("cm").prefix("default")
    server.world.before_list(prefix, forgets(server, made="aa"), nth=2)
    pages = client.pages(ConfigMap, namespace="default", page_size=2)
    async with aclosing(pages):
        first = await anext(pages)
        assert [item.metadata.name for item in first.items] == ["a", "b"]
        with pytest.raises(errors.Expired):
            await anext(pages)


async def test_a_watch_begins_with_a_list_that_is_read_anew(
    server: Contested, client: Client
) -> None:
    """Each object is ADDED once, and what follows is behind the list that was whole."""
    prefix = server.kind("cm").prefix("default")
    server.world.before_list(prefix, forgets(server, made="aa"), nth=1)
    async with aclosing(client.watch(ConfigMap, namespace="default")) as events:
        names = [(await anext(events)).object.metadata.name for _ in range(5)]
        assert names == ["aa", "b", "c", "d", "e"]
        server.fill("cm", ["z"])
        assert (await anext(events)).object.metadata.name == "z"
