"""Work beside the calls, in a store that goes back in time."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.base import GuardFailed, Put, Set
from protocube_server.tasks import beside
from protocube_server.upkeep import preparation
from protocube_server.upkeep.compactor import Compactor
from protocube_server.upkeep.leadership import Leadership
from protocube_server.upkeep.namespaces import ending
from tests.simulation.store import SimulatedStore, World
from tests.upkeep.conftest import KEY, NEVER, PATIENCE, Server
from tests.upkeep.in_process import InProcess, term_of

if TYPE_CHECKING:
    from protocube_server.storage.base import Store


async def test_a_term_ends_with_its_incarnation() -> None:
    """Though the claim in the backup is its own: its guard is of a revision that was undone."""
    world = World()
    store = SimulatedStore(world)
    server = Server(leadership=Leadership(store, "/registry", pace=NEVER))
    server.start()
    term = await server.led()
    backup = world.backup()
    guard = term.guard
    renewals = store.watch(KEY, after=guard.revision)
    async with asyncio.timeout(PATIENCE), aclosing(renewals):
        while term.guard == guard:
            await anext(renewals)
        world.restore(backup)
        with pytest.raises(GuardFailed):
            await term.apply(Set(writes=(Put(key=b"/a", value=b""),)))
    later = await server.led()
    assert later.epoch > term.epoch
    await later.apply(Set(writes=(Put(key=b"/a", value=b""),)))
    await server.stop()


async def test_the_compactor_only_looks_again() -> None:
    """What it saw before is no revision of the store as it is now."""
    world = World()
    store = SimulatedStore(world)
    compactor = Compactor(store)
    backup = world.backup()
    for number in range(10):
        await store.create(b"/a/%d" % number, b"")
    assert await compactor.turn() == 0
    world.restore(backup)
    assert await compactor.turn() == 0
    assert await compactor.turn() == await store.revision()


async def test_the_store_is_prepared_again() -> None:
    """What a server needs in its store is made again, as soon as that succeeds."""
    world = World()
    backup = world.backup()
    store = SimulatedStore(world)
    prepared = asyncio.Queue[None]()
    failures = [errors.Unavailable("not yet")]

    async def prepare(store: Store) -> None:
        if failures:
            raise failures.pop()
        await store.create(b"/needed", b"")
        prepared.put_nowait(None)

    async with beside(preparation.follow(store, prepare, every=0.001)):
        await asyncio.sleep(0)
        world.restore(backup)
        await store.revision()
        async with asyncio.timeout(PATIENCE):
            await prepared.get()
    assert await store.get(b"/needed") is not None


async def test_what_is_in_a_namespace_without_its_mark_stays() -> None:
    """A backup from before the deletion, restored amid it: the namespace lives as it did then."""
    world = World()
    store = SimulatedStore(world)
    house = await InProcess.over(store)
    term = await term_of(store, 1)
    await house.create("ns", "x")
    await house.create("cm", "a", metadata={"namespace": "x"})
    backup = world.backup()
    await house.delete("ns", "x")
    world.before_write(house.kind("cm").key("x", "a"), lambda: world.restore(backup))
    with pytest.raises(errors.OutcomeUnknown):
        await ending.step(house.api, term, "x")
    assert await ending.step(house.api, term, "x") is None
    assert await house.names("x") == ["configmaps/a"]
    namespace = await house.get("ns", "x")
    assert not namespace.metadata.HasField("deletion_timestamp")


@pytest.mark.parametrize("nth", [1, 2])
async def test_a_namespace_that_is_full_again_does_not_go(nth: int) -> None:
    """A backup with the mark and the contents, restored when they had gone: they go once more.

    Before any write of the namespace itself: else objects would be left in no namespace.
    """
    world = World()
    store = SimulatedStore(world)
    house = await InProcess.over(store)
    term = await term_of(store, 1)
    await house.create("ns", "x")
    await house.create("cm", "a", metadata={"namespace": "x"})
    await house.delete("ns", "x")
    backup = world.backup()
    world.before_write(house.kind("ns").key("", "x"), lambda: world.restore(backup), nth=nth)
    with pytest.raises((errors.Expired, errors.OutcomeUnknown)):
        await ending.step(house.api, term, "x")
    assert await house.names("x") == ["configmaps/a"]
    assert (await house.get("ns", "x")).metadata.HasField("deletion_timestamp")
    assert await ending.step(house.api, term, "x") is None
    assert await house.names("x") == []
    assert await store.get(house.kind("ns").key("", "x")) is None
