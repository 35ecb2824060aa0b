"""Work beside the calls, on a store whose pages have one record: it comes to all of them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube_server.storage import keys
from protocube_server.tasks import beside
from protocube_server.upkeep.collector.worker import collecting
from protocube_server.upkeep.expiry.records import expiring
from protocube_server.upkeep.namespaces.worker import removing
from protocube_server.upkeep.protection.worker import releasing
from tests.small_pages import SmallPages
from tests.upkeep.conftest import PATIENCE, taking_part
from tests.upkeep.in_process import InProcess, term_of
from tests.upkeep.virtual_time import VirtualClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from protocube_server.upkeep.leadership import Worker

_NAMES = ("a", "b", "c")
_GHOST = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "of-nothing"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[InProcess]:
    """Provide an API over such a store."""
    store = await SmallPages.open(tmp_path / "store.db")
    yield await InProcess.over(store)
    await store.close()


async def left_behind(
    house: InProcess, worker: Worker, prefix: bytes, is_done: Callable[[set[str]], bool]
) -> set[str]:
    """Run a worker from now on until something is so of the names below a prefix; return them."""
    store = house.api.store
    term = await term_of(store, 1)

    async def work() -> None:
        await worker(term)

    async def names() -> set[str]:
        records = (await store.list(prefix)).records
        return {keys.split(each.key)[1].decode() for each in records}

    async with beside(house.api.cache.run()), beside(work()):
        watch = store.watch(prefix, after=await store.revision())
        try:
            async with asyncio.timeout(PATIENCE), aclosing(watch):
                while not is_done(found := await names()):
                    await anext(watch)
        except TimeoutError:
            return await names()
    return found


async def test_namespaces_that_were_marked_before_the_term(house: InProcess) -> None:
    """All of them go, and all that is in them."""
    for name in _NAMES:
        await house.create("ns", name)
        for each in _NAMES:
            await house.create("cm", each, metadata={"namespace": name})
            await house.create(
                "pods",
                each,
                metadata={"namespace": name},
                spec={"containers": [{"name": "c", "image": "x"}]},
            )
        await house.delete("ns", name)
    left = await left_behind(
        house, removing(house.api), house.kind("ns").prefix(), lambda names: not names & {*_NAMES}
    )
    assert not left & {*_NAMES}
    for name in _NAMES:
        assert await house.names(name) == []


async def test_dependents_whose_owner_was_gone_before_the_term(house: InProcess) -> None:
    """All of them go, of every kind, and what has no owner stays."""
    for name in _NAMES:
        await house.create("cm", name, metadata={"ownerReferences": [_GHOST]})
        await house.create("secrets", name, metadata={"ownerReferences": [_GHOST]})
    await house.create("secrets", "z")
    prefix = house.kind("secrets").prefix("default")
    left = await left_behind(house, collecting(house.api), prefix, lambda names: names == {"z"})
    assert left == {"z"}
    maps = house.kind("cm").prefix("default")
    assert await left_behind(house, collecting(house.api), maps, lambda names: not names) == set()


async def _claims(house: InProcess, *namespaces: str) -> None:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    for namespace in namespaces:
        for name in _NAMES:
            await house.create("pvc", name, metadata={"namespace": namespace}, spec=spec)


async def _uses(house: InProcess, name: str, claim: str, *, namespace: str = "default") -> None:
    spec: dict[str, Any] = {
        "nodeName": "n",
        "containers": [{"name": "c", "image": "x"}],
        "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": claim}}],
    }
    await house.create("pods", name, metadata={"namespace": namespace}, spec=spec)


async def test_protected_objects_that_were_deleted_before_the_term(house: InProcess) -> None:
    """Those that nothing uses go; a pod on the last page keeps the claim that it uses."""
    await _claims(house, "default")
    for number, claim in enumerate(("a", "a", "b")):
        await _uses(house, f"p-{number}", claim)
    for name in _NAMES:
        await house.delete("pvc", name, "default")
    prefix = house.kind("pvc").prefix("default")
    left = await left_behind(house, releasing(house.api), prefix, lambda names: "c" not in names)
    assert left == {"a", "b"}


async def test_what_is_used_in_one_namespace_is_free_in_another(house: InProcess) -> None:
    """A claim is that of its own namespace, whatever the names are."""
    for namespace in ("one", "two"):
        await house.create("ns", namespace)
    await _claims(house, "one", "two")
    await _uses(house, "p", "c", namespace="two")
    for namespace in ("one", "two"):
        for name in _NAMES:
            await house.delete("pvc", name, namespace)
    one, two = (house.kind("pvc").prefix(namespace) for namespace in ("one", "two"))
    worker = releasing(house.api)
    assert await left_behind(house, worker, one, lambda names: not names) == set()
    assert await left_behind(house, worker, two, lambda names: names == {"c"}) == {"c"}


async def test_records_that_were_made_before_the_term(house: InProcess) -> None:
    """All of them go when they are old."""
    store, clock, seconds = house.api.store, VirtualClock(), 600.0
    area = keys.system("/registry", keys.Area.REQUESTS)
    for name in _NAMES:
        await store.create(keys.system("/registry", keys.Area.REQUESTS, name), b"x")
    async with taking_part(store) as (server,):
        server.start(expiring(store, "/registry", seconds, clock))
        await server.led()
        for _ in range(3):
            await clock.advance(seconds)
        assert (await store.list(area + b"/")).count == 0
