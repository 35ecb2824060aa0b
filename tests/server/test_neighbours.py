"""Namespaces beside each other, and kinds: what is asked for in one shows nothing of the next."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

import grpc
import pytest

from protocube.catalog import Catalog
from protocube.meta.v1 import requests_pb2
from protocube.watch.v1 import watches_pb2
from protocube_server.storage.sqlite import SqliteStore
from tests import bare_server
from tests.server.caller import SECONDS, Caller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from protocube_server.storage.base import Store

_NAMESPACES: Final = ("a-b", "a", "a0", "ab", "b")
"""In the order of their keys: each begins as the one before it, or comes right behind it."""
_NAMES: Final = ("x", "y", "z")


@pytest.fixture(params=["memory", "store"])
async def api(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Caller]:
    """Provide the caller of a server whose reads are answered from memory, or by its store."""
    store: Store = await SqliteStore.open(tmp_path / "store.db")
    api = await bare_server.api_over(store)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        cached = request.param == "memory"
        server = await stack.enter_async_context(bare_server.served(api, cached=cached))
        caller = Caller(server.address, Catalog.shipped())
        await stack.enter_async_context(caller)
        for namespace in _NAMESPACES:
            await caller.create(caller.make("ns", namespace))
            for name in _NAMES:
                metadata = {"name": name, "namespace": namespace, "labels": {"in": namespace}}
                await caller.create(caller.make("cm", metadata=metadata))
                await caller.create(caller.make("secrets", metadata=metadata))
        if cached:
            for word in ("cm", "secrets"):
                await caller.list(word)
            await api.cache.loaded()
        yield caller


def places(items: Any) -> list[tuple[str, str]]:
    """Return the namespaces and names of objects."""
    return [(item.metadata.namespace, item.metadata.name) for item in items]


def expected(namespace: str) -> list[tuple[str, str]]:
    """Return what is in a namespace."""
    return [(namespace, name) for name in _NAMES]


async def test_a_list_counts_what_is_left_in_its_own_namespace(api: Caller) -> None:
    """Page by page, and for all namespaces together likewise."""
    for namespace in (*_NAMESPACES, ""):
        wanted = [place for each in _NAMESPACES for place in expected(each)]
        wanted = expected(namespace) if namespace else wanted
        found: list[tuple[str, str]] = []
        token = ""
        while not found or token:
            page = await api.list("cm", namespace=namespace, limit=1, continue_token=token)
            found += places(page.items)
            token = page.metadata.continue_token
            left = len(wanted) - len(found)
            assert page.metadata.remaining_item_count == left, f"{namespace!r} at {found[-1]}"
            assert bool(token) == bool(left)
        assert found == wanted


@pytest.mark.parametrize("with_mark", [False, True], ids=["from-nothing", "with-a-mark"])
async def test_a_watch_begins_with_its_own_namespace(api: Caller, *, with_mark: bool) -> None:
    """And goes on with it: what comes is of no other one, not even of the next."""
    options: dict[str, Any] = {}
    if with_mark:
        match = requests_pb2.RESOURCE_VERSION_MATCH_NOT_OLDER_THAN
        options = {
            "send_initial_events": True,
            "resource_version_match": match,
            "send_progress": True,
        }
    for namespace in _NAMESPACES:
        async with aclosing(api.watch("cm", namespace=namespace, **options)) as responses:
            found = [event.object for event in (await anext(responses)).events]
            assert places(found) == expected(namespace)
            for each in _NAMESPACES:
                await api.patch("cm", "x", namespace=each, merge_patch={"data": {"at": namespace}})
            while not (events := (await anext(responses)).events):
                pass
            assert places(event.object for event in events) == [(namespace, "x")]


async def test_a_watch_over_kinds_begins_with_its_own_namespace(api: Caller) -> None:
    """Of each kind, and of no other one."""
    for namespace in _NAMESPACES:
        request = watches_pb2.WatchManyRequest(
            namespace=namespace,
            kinds=[
                watches_pb2.WatchedKind(message="protocube.core.v1.ConfigMap"),
                watches_pb2.WatchedKind(message="protocube.core.v1.Secret"),
            ],
        )
        found = []
        method = "/protocube.watch.v1.Watches/Watch"
        call = api.channel.unary_stream(method, None, None)(
            request.SerializeToString(), timeout=SECONDS
        )
        try:
            async with asyncio.timeout(SECONDS):
                while True:
                    raw = await call.read()
                    assert raw is not grpc.aio.EOF
                    response = watches_pb2.WatchManyResponse.FromString(raw)
                    for event in response.events:
                        word = event.object.type_url.rpartition(".")[2]
                        resource = api.resource(word)
                        item: Any = resource.message_class.FromString(event.object.value)
                        found.append((word, item.metadata.namespace, item.metadata.name))
                    if response.resource_version:
                        break
        finally:
            call.cancel()
        assert found == [
            (word, namespace, name) for word in ("ConfigMap", "Secret") for name in _NAMES
        ]


async def test_a_collection_is_of_its_own_namespace(api: Caller) -> None:
    """It deletes nothing of the next one, and counts nothing of it."""
    gone = await api.delete_collection("cm", namespace="a", limit=2)
    assert places(gone.items) == expected("a")[:2]
    assert gone.metadata.remaining_item_count == 1
    token = gone.metadata.continue_token
    rest = await api.delete_collection("cm", namespace="a", continue_token=token)
    assert places(rest.items) == expected("a")[2:]
    left = [place for each in _NAMESPACES if each != "a" for place in expected(each)]
    assert places((await api.list("cm")).items) == left
    assert len((await api.list("secrets")).items) == len(_NAMESPACES) * len(_NAMES)


async def test_a_token_of_a_namespace_reads_on_in_it(api: Caller) -> None:
    """Not in another one: a token is of a place in the collection that it is used for."""
    token = (await api.list("cm", namespace="a", limit=1)).metadata.continue_token
    for namespace in _NAMESPACES:
        page = await api.list("cm", namespace=namespace, continue_token=token)
        assert places(page.items) == expected(namespace)[1:]


async def test_a_selector_does_not_reach_into_another_namespace(api: Caller) -> None:
    """Though the objects there match."""
    for namespace in _NAMESPACES:
        for selector in ({"label_selector": "in"}, {"field_selector": "metadata.name!=none"}):
            page = await api.list("cm", namespace=namespace, **selector)
            assert places(page.items) == expected(namespace)
