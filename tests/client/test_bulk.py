"""Bulk streams of the Python client, over connections that come and go."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.pod_pb2 import Pod
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import Client, bulk
from tests.authorization.ruled import ruled
from tests.relay import Relay
from tests.server_process import started

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture
async def client(fresh_server: str) -> AsyncGenerator[Client, None]:
    """Provide a client of an empty server."""
    async with Client(fresh_server, field_manager="tests") as client:
        yield client


def config_map(name: str, **data: str) -> ConfigMap:
    """Return a ConfigMap of the default namespace."""
    return ConfigMap(metadata=ObjectMeta(name=name), data=data)


async def names(client: Client) -> list[str]:
    """Return the names of all ConfigMaps."""
    return [each.metadata.name for each in (await client.list(ConfigMap)).items]


async def test_every_kind_of_write_has_its_outcome(client: Client) -> None:
    """In their order, with the errors that calls alone raise."""
    await client.create(config_map("old", k="v"))
    writes = [
        bulk.create(config_map("a", k="v")),
        bulk.create(Pod(metadata=ObjectMeta(name="p"))),
        bulk.update(config_map("a", k="w")),
        bulk.patch(ConfigMap, "a", {"data": {"l": "x"}}),
        bulk.apply(config_map("b", k="v")),
        bulk.delete("configmaps", "old"),
    ]
    found = [outcome async for outcome in client.bulk(writes, include_objects=True)]
    assert [each.number for each in found] == list(range(6))
    assert [type(each.error) for each in found] == [type(None), errors.Invalid, *[type(None)] * 4]
    changed = found[3].object
    assert isinstance(changed, ConfigMap)
    assert dict(changed.data) == {"k": "w", "l": "x"}
    assert await names(client) == ["a", "b"]


async def test_a_stream_without_an_end_is_answered_as_it_goes(client: Client) -> None:
    """Writes are asked for as the server takes them: a program can write what it learns."""
    seen: list[str] = []
    told = asyncio.Event()

    async def writes() -> AsyncIterator[bulk.Write]:
        for number in range(2 * 500):
            yield bulk.create(config_map(f"a{number}"))
        await told.wait()
        yield bulk.create(config_map("last"))

    async with asyncio.timeout(60):
        async for outcome in client.bulk(writes()):
            seen.append(outcome.name)
            if len(seen) == 1000:
                told.set()
    assert seen[-1] == "last"
    assert len(seen) == 1001


async def test_a_server_that_is_not_there_is_told_at_once() -> None:
    """Only a stream that has begun is taken up again."""
    async with Client("127.0.0.1:1") as client, asyncio.timeout(30):
        with pytest.raises(errors.Unavailable):
            async for _ in client.bulk([bulk.create(config_map("a"))]):
                pass


async def test_a_server_that_is_killed_loses_and_repeats_nothing(tmp_path: Path) -> None:
    """Every object is there once, whatever was on its way when the server was killed."""
    store, count = f"sqlite:{tmp_path}/store.db", 6000
    found: list[bulk.Outcome] = []
    enough = {number: asyncio.Event() for number in (1200, 2400)}

    async def write(client: Client) -> None:
        made = (ConfigMap(metadata=ObjectMeta(generate_name="g-")) for _ in range(count))
        async for outcome in client.bulk(map(bulk.create, made)):
            found.append(outcome)
            if len(found) in enough:
                enough[len(found)].set()

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(120))
        process = await stack.enter_async_context(
            started("--listen", "127.0.0.1:0", "--store", store)
        )
        relay = await stack.enter_async_context(Relay(await process.ready()))
        client = await stack.enter_async_context(Client(relay.address))
        writing = asyncio.create_task(write(client))
        for reached in enough.values():
            await reached.wait()
            await process.kill()
            process = await stack.enter_async_context(
                started("--listen", "127.0.0.1:0", "--store", store)
            )
            relay.aim(await process.ready())
        await writing
        assert [each.error for each in found if each.error is not None] == []
        assert sorted(each.name for each in found) == await names(client)
    assert len(found) == count


async def test_a_stream_that_is_refused_says_why(tmp_path: Path) -> None:
    """Nothing is written into it: a write that met its end would hide the refusal."""
    asked: list[int] = []

    def writes() -> Iterator[bulk.Write]:
        asked.append(len(asked))
        yield bulk.create(config_map("a"))

    async with ruled(tmp_path) as server, Client(server.address, token="wrong") as client:
        with pytest.raises(errors.Unauthenticated):
            async for _ in client.bulk(writes()):
                pass
    assert asked == []
