"""Kinds are replaced while calls run: each call sees one edition, and everything follows."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from protocube import errors
from protocube.catalog import Catalog
from protocube.discovery.v1 import discovery_pb2
from protocube.joined_catalog import JoinedCatalog, part
from protocube_server import app
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.edition import Editions
from protocube_server.kinds.registry import Registry
from tests import machines
from tests.server.caller import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.settings import Settings

_REPLACEMENTS, _CALLS, _WORKERS = 50, 1000, 16
_MANY, _SETTLED = 10_000, 2_000
_MOST_GROWTH = 16 * 1024 * 1024
"""Two kilobytes for each, of which an allocator has its part; a kind takes hundreds."""
"""Bytes that the process may grow by over 8,000 replacements: one kept pool each is 240 MB."""
_PAGE = 4096


class Served:
    """A running server, its editions, and a caller that knows machines."""

    def __init__(self, running: app.App, caller: Caller) -> None:
        self.api = running.api
        self.caller = caller

    async def publish(self, *sizes: str) -> None:
        """Let machines have one of these sizes from now on, the first unless given."""
        catalog = machines.catalog(machines.of_sizes(sizes))
        await self.api.editions.publish(catalog)
        self.caller.catalog = catalog

    async def create(self, name: str, size: str = "") -> Any:
        """Create a machine and give it as it was stored."""
        spec = {"spec": {"size": size}} if size else {}
        return await self.caller.create(self.caller.make("machines", name, **spec))


@pytest.fixture
async def served(settings: Settings) -> AsyncGenerator[Served, None]:
    """Provide a server whose machines have the size ``s0``."""
    catalog = machines.catalog(machines.of_sizes(["s0"]))
    async with (
        app.running(settings, catalog) as running,
        Caller(running.address, catalog) as caller,
    ):
        yield Served(running, caller)


async def test_no_call_fails_and_each_sees_one_edition_whole(served: Served) -> None:
    """Defaults and rules of a call are of the same edition, whatever is published meanwhile.

    The default of an edition is the only size that its rules allow, so a mixture is Invalid.
    """
    editions = served.api.editions
    answered = asyncio.Condition()
    count, ended = 0, False

    async def work(worker: int) -> None:
        nonlocal count
        number = 0
        while not ended:
            number += 1
            name = f"m-{worker}-{number}"
            first = editions.current.number
            made = await served.create(name)
            last = editions.current.number
            assert first - 1 <= int(made.spec.size[1:]) <= last - 1, "the size of no edition"
            assert (await served.caller.get("machines", name)).spec.size == made.spec.size
            async with answered:
                count += 2
                answered.notify_all()

    async with asyncio.TaskGroup() as group:
        for worker in range(_WORKERS):
            group.create_task(work(worker))
        for number in range(1, _REPLACEMENTS + 1):
            await served.publish(f"s{number}")
            wanted = count + _CALLS // _REPLACEMENTS
            async with answered:
                await answered.wait_for(lambda wanted=wanted: count >= wanted)  # type: ignore[misc]  # the stub takes no default
        ended = True
    assert editions.current.number == _REPLACEMENTS + 1
    assert count >= _CALLS


async def test_a_replaced_kind_is_checked_by_its_new_rules_at_once(served: Served) -> None:
    """Neither a compiled rule nor a default of the edition before is used again."""
    old = await served.create("old")
    for number in range(1, 6):
        await served.publish(f"s{number}", "s0")
        assert (await served.create(f"default-{number}")).spec.size == f"s{number}"
        with pytest.raises(errors.Invalid, match=r"spec\.size"):
            await served.create("refused", f"s{number - 1}" if number > 1 else "s9")
    now = await served.caller.get("machines", "old")
    assert _same(now, old)
    now.metadata.labels["x"] = "y"
    assert (await served.caller.update(now)).spec.size == "s0"


def _same(one: Any, other: Any) -> bool:
    """Compare objects whose classes are of two editions."""
    return bool(
        one.SerializeToString(deterministic=True) == other.SerializeToString(deterministic=True)
    )


async def test_kinds_that_stay_are_the_same_kinds() -> None:
    """An edition prepares anew what was replaced, and nothing else."""
    editions = Editions(Registry(machines.catalog(machines.of_sizes(["a"])), "/r", FUNCTIONS))
    before = editions.current
    after = await editions.publish(machines.catalog(machines.of_sizes(["b"])))
    assert after.number == before.number + 1
    changed = [kind for kind in after.kinds if not before.kinds.has(kind)]
    assert [kind.resource.message for kind in changed] == ["example.v1.Machine"]
    assert sum(1 for kind in before.kinds if not after.kinds.has(kind)) == 1


async def test_an_edition_that_cannot_be_served_changes_nothing() -> None:
    """Its fault is raised, and the one before stays."""
    editions = Editions(Registry(Catalog.shipped(), "/r", FUNCTIONS))
    first = editions.current
    shipped = Catalog.shipped()
    lonely = part(shipped, [machines.file()])
    with pytest.raises(ValueError, match=r"has no protocube\.core\.v1\.Namespace"):
        await editions.publish(lonely)
    with pytest.raises(ValueError, match="two parts of a catalog have the"):
        JoinedCatalog([shipped, lonely, lonely])
    assert editions.current is first


async def test_a_watch_goes_on_and_a_list_is_right_over_a_replacement(served: Served) -> None:
    """An open watch misses nothing; lists, from memory or not, show what is stored."""
    await served.create("a")
    async with aclosing(served.caller.watch("machines")) as responses:
        (event,) = (await anext(responses)).events
        assert event.object.metadata.name == "a"
        for number in range(1, 4):
            await served.publish(f"s{number}")
            made = await served.create(f"b{number}")
            (event,) = (await anext(responses)).events
            assert _same(event.object, made)
            for _ in range(3):
                listed = await served.caller.list("machines")
                assert [item.metadata.name for item in listed.items][-1] == f"b{number}"
                await served.api.cache.loaded()
            selector = f"spec.size=s{number}"
            selected = await served.caller.list("machines", field_selector=selector)
            (found,) = selected.items
            assert _same(found, made)
    known = {kind.resource.message for kind in served.api.cache._objects}
    assert "example.v1.Machine" in known
    assert all(served.api.editions.current.kinds.has(kind) for kind in served.api.cache._objects)


async def test_selectors_are_those_of_the_edition(served: Served) -> None:
    """What can be selected by, and what is kept in memory for it, follows the kind."""
    await served.publish("s0", "s1")
    for number in range(6):
        await served.create(f"m{number}", f"s{number % 2}")
    for field, option in (
        ("spec.size", "selectable: true"),
        ("size", 'selectable_as: "size"'),
        ("spec.size", "selectable: true"),
    ):
        file = machines.file(
            ('in: "small" in: "large"', 'in: "s0" in: "s1"'), ("selectable: true", option)
        )
        await served.api.editions.publish(machines.catalog(file))
        for number in range(3):
            selector = f"{field}=s1,metadata.name!=m1"
            listed = await served.caller.list("machines", field_selector=selector)
            assert [item.metadata.name for item in listed.items] == ["m3", "m5"], (field, number)
            await served.api.cache.loaded()
        other = "size" if field == "spec.size" else "spec.size"
        with pytest.raises(errors.BadRequest, match=f"field label not supported: {other}"):
            await served.caller.list("machines", field_selector=f"{other}=s1")


async def _reflected(channel: Any) -> set[str]:
    call = channel.stream_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest.SerializeToString,
        reflection_pb2.ServerReflectionResponse.FromString,
    )([reflection_pb2.ServerReflectionRequest(list_services="")])
    async for answer in call:
        return {service.name for service in answer.list_services_response.service}
    return set()


async def _described(channel: Any, symbol: str) -> bool:
    call = channel.stream_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest.SerializeToString,
        reflection_pb2.ServerReflectionResponse.FromString,
    )([reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol)])
    async for answer in call:
        return bool(answer.HasField("file_descriptor_response"))
    return False


async def _health(channel: Any, service: str) -> int:
    check = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        health_pb2.HealthCheckRequest.SerializeToString,
        health_pb2.HealthCheckResponse.FromString,
    )
    try:
        answer = await check(health_pb2.HealthCheckRequest(service=service))
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
        return int(health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)
    return int(answer.status)


async def _discovered(channel: Any) -> set[str]:
    ask = channel.unary_unary(
        "/protocube.discovery.v1.Discovery/ListResources",
        discovery_pb2.ListResourcesRequest.SerializeToString,
        discovery_pb2.ListResourcesResponse.FromString,
    )
    answer = await ask(discovery_pb2.ListResourcesRequest())
    return {resource.service for resource in answer.resources}


async def test_all_that_tells_of_kinds_follows(served: Served) -> None:
    """Reflection, discovery, health and the methods themselves know of a kind, and forget it."""
    channel = served.caller.channel
    shipped = Catalog.shipped()
    for there in (True, False, True):
        catalog = machines.catalog(machines.of_sizes(["s0"])) if there else shipped
        await served.api.editions.publish(catalog)
        health = health_pb2.HealthCheckResponse
        assert (machines.SERVICE in await _reflected(channel)) is there
        assert await _described(channel, machines.SERVICE) is there
        assert await _described(channel, f"{machines.SERVICE}.Create") is there
        assert await _described(channel, "protocube.core.v1.Pods")
        assert (machines.SERVICE in await _discovered(channel)) is there
        status = health.SERVING if there else health.SERVICE_UNKNOWN
        assert await _health(channel, machines.SERVICE) == status
        assert await _health(channel, "protocube.core.v1.Pods") == health.SERVING
        if there:
            await served.caller.list("machines")
        else:
            with pytest.raises(errors.MethodNotSupported):
                await served.caller.list("machines")


async def test_a_namespace_takes_new_kinds_along(served: Served) -> None:
    """The objects of a kind that came after the namespace go with it."""
    await served.api.editions.publish(Catalog.shipped())
    await served.caller.create(served.caller.make("namespaces", "x"))
    await served.publish("s0")
    machine = served.caller.make("machines", metadata={"name": "a", "namespace": "x"})
    await served.caller.create(machine)
    await served.caller.delete("namespaces", "x")
    await served.caller.until_gone("namespaces", "x")
    assert not (await served.caller.list("machines")).items
    with pytest.raises(errors.NotFound):
        await served.caller.get("namespaces", "x")


def _memory() -> int:
    """Return the bytes that are in use; what earlier tests have left free goes back first."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # glibc's
        trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


@pytest.mark.timeout(600)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
async def test_memory_is_flat_over_ten_thousand_replacements(served: Served) -> None:
    """What a replaced kind needed is let go of, also when its calls used all of it."""
    settled = 0
    for number in range(_MANY):
        if number == _SETTLED:
            settled = _memory()
        await served.publish(f"s{number % 7}")
        if number % 100 == 0:
            name = f"m-{number}"
            made = await served.create(name)
            await served.caller.list("machines", field_selector=f"metadata.name={name}")
            await served.caller.delete("machines", made.metadata.name)
            assert await _described(served.caller.channel, machines.SERVICE)
    grown = _memory() - settled
    assert grown < _MOST_GROWTH, f"{grown / 1e6:.1f} MB more after {_MANY - _SETTLED} replacements"


async def test_who_waits_for_another_edition_is_forgotten_when_it_goes() -> None:
    """Every watch of the kinds waits so, and most of them end before an edition does."""
    editions = Editions(Registry(Catalog.shipped(), "/registry", FUNCTIONS))
    waiting = asyncio.create_task(editions.until_replaced(editions.current))
    await asyncio.sleep(0)
    assert len(editions._followers) == 1
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not editions._followers
