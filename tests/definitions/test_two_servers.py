"""What one server has defined every other server of the store knows."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.discovery.v1 import discovery_pb2
from protocube_server import app
from tests import etcd_process, machines
from tests.definitions.defining import NAME, Definer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from protocube_server.settings import Settings

pytestmark = pytest.mark.etcd
_ROUNDS = 100
_DISCOVERY = "protocube.discovery.v1.Discovery"


class Two:
    """Two servers of one etcd, and a caller of each."""

    def __init__(self, servers: list[app.App], definers: list[Definer]) -> None:
        self.servers = servers
        self.one, self.other = definers


@pytest.fixture
async def two(settings: Settings, tmp_path: Path) -> AsyncGenerator[Two, None]:
    """Provide them."""
    async with contextlib.AsyncExitStack() as stack:
        etcd = stack.enter_context(etcd_process.running(tmp_path / "etcd"))
        chosen = dataclasses.replace(settings, store=f"etcd://{etcd.endpoint}")
        servers = [await stack.enter_async_context(app.running(chosen)) for _ in range(2)]
        definers = [await stack.enter_async_context(Definer(each.address)) for each in servers]
        yield Two(servers, definers)


async def test_define_here_create_there_a_hundred_times(two: Two) -> None:
    """The first call to the other server succeeds, without a retry. scripts/bench has the time."""
    caller = await two.other.knowing()
    for number in range(_ROUNDS):
        await two.one.define()
        made = await caller.create(caller.make("machines", f"m{number}"))
        assert made.spec.size == "small"
        await two.one.base.delete("definitions", NAME)
        await two.one.base.until_gone("definitions", NAME)


async def test_no_write_is_made_under_an_old_schema(two: Two) -> None:
    """A server that has not heard of a change holds writes to the new schema all the same."""
    await two.one.define()
    caller = await two.other.knowing()
    made = await caller.create(caller.make("machines", "a", spec={"size": "large"}))
    definitions = two.servers[1].api.definitions
    assert definitions is not None
    async with definitions._applying:  # What it hears of it takes in later.
        await two.one.redefine(machines.of_sizes(["small"]))
        late = asyncio.create_task(
            caller.create(caller.make("machines", "b", spec={"size": "large"}))
        )
        await asyncio.wait({late}, timeout=0.2)
        assert not late.done(), "it was written, or refused, by a schema that has changed"
    with pytest.raises(errors.Invalid, match=r"spec\.size"):
        await late
    made.metadata.labels["x"] = "y"
    assert (await caller.update(made)).spec.size == "large"


async def test_a_server_tells_of_what_another_one_has_defined(two: Two) -> None:
    """Discovery waits until what the store has is served: a caller may have been told of it."""
    definitions = two.servers[1].api.definitions
    assert definitions is not None
    asked = (
        ("ListResources", discovery_pb2.ListResourcesRequest(group="example.com")),
        ("GetDescriptors", discovery_pb2.GetDescriptorsRequest(symbols=["example.v1.Machine"])),
    )
    async with definitions._applying:  # What it hears of it takes in later.
        await two.one.define()
        calls = [
            asyncio.create_task(
                two.other.base.send(f"/{_DISCOVERY}/{method}", request.SerializeToString())
            )
            for method, request in asked
        ]
        await asyncio.wait(calls, timeout=0.2)
    listed, described = [(await call).body for call in calls]
    (found,) = discovery_pb2.ListResourcesResponse.FromString(listed).resources
    assert found.service == machines.SERVICE
    files = discovery_pb2.GetDescriptorsResponse.FromString(described).file_descriptor_set
    assert "example/v1/machine.proto" in [file.name for file in files.file]


async def test_one_of_two_who_define_a_kind_at_once_succeeds(two: Two) -> None:
    """The other one is told that it exists."""
    for _ in range(10):
        outcomes = await asyncio.gather(
            two.one.define(), two.other.define(), return_exceptions=True
        )
        refused = [item for item in outcomes if isinstance(item, BaseException)]
        assert [type(item) for item in refused] == [errors.AlreadyExists]
        await two.one.base.delete("definitions", NAME)
        await two.other.base.until_gone("definitions", NAME)


async def test_a_namespace_is_emptied_of_kinds_that_came_on_another_server(two: Two) -> None:
    """An object of a kind that is a moment old goes with its namespace."""
    await two.one.base.create(two.one.base.make("namespaces", "x"))
    await two.one.define()
    caller = await two.one.knowing()
    machine = caller.make("machines", metadata={"name": "a", "namespace": "x"})
    await caller.create(machine)
    await two.other.base.delete("namespaces", "x")
    await two.other.base.until_gone("namespaces", "x")
    assert not (await caller.list("machines")).items
