"""Random graphs of owners in a store, deletions in them, and faults of the collector meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from protocube.meta.v1 import requests_pb2
from protocube_server.tasks import beside
from protocube_server.upkeep.collector.worker import collecting
from tests.faults.broken_stores import BrokenStore
from tests.garbage_collection import model
from tests.garbage_collection.model import FOREGROUND, HOLD, ORPHAN, Thing
from tests.upkeep.in_process import InProcess, term_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.storage import base
    from protocube_server.storage.base import Store
    from protocube_server.upkeep.term import Term

_SECONDS = 60.0
_POLICIES = {
    "": requests_pb2.PROPAGATION_POLICY_BACKGROUND,
    FOREGROUND: requests_pb2.PROPAGATION_POLICY_FOREGROUND,
    ORPHAN: requests_pb2.PROPAGATION_POLICY_ORPHAN,
}
_WORDS = ("cm", "secrets")
GHOST = {"apiVersion": "v1", "kind": "ConfigMap", "name": "ghost", "uid": "no-such-uid"}
"""An owner that never existed."""
_MARKERS = 40
_BOOTSTRAP = 2
"""Writes before a collector begins: of the built-in namespaces, which are there."""


class Mortal(BrokenStore):
    """A store whose server dies at one of its writes: before it, or before its answer."""

    def __init__(self, store: Store, order: random.Random) -> None:
        super().__init__(store)
        self.dead = asyncio.Event()
        self._left = order.randint(1, 30) + _BOOTSTRAP
        self._is_written = order.random() < 0.5

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """See :meth:`base.Store.write`."""
        self._left -= 1
        if self._left > 0:
            return await super().write(batch)
        if self._is_written and not self.dead.is_set():
            await super().write(batch)
        self.dead.set()
        await asyncio.Event().wait()
        raise AssertionError("the dead do not come back")


class Collectors:
    """Servers that collect, one after the other, and sometimes two at a time."""

    def __init__(self, store: Store, order: random.Random) -> None:
        self._store = store
        self._order = order
        self._epochs = itertools.count(1)

    async def run(self) -> None:
        """Collect until cancelled: one dies after the other, or lives on, deposed."""
        async with contextlib.AsyncExitStack() as deposed:
            while True:
                mortal = Mortal(self._store, self._order)
                house = await InProcess.over(mortal)
                term = await term_of(self._store, next(self._epochs))
                if self._order.random() < 0.5:
                    await deposed.enter_async_context(beside(_collect(house, term)))
                    await mortal.dead.wait()
                else:
                    async with beside(_collect(house, term)):
                        await mortal.dead.wait()


async def _collect(house: InProcess, term: Term) -> None:
    async with beside(house.api.cache.run()):
        await collecting(house.api)(term)


class Random:
    """A world of things in a store, and beside it the same in the model."""

    def __init__(self, house: InProcess, seed: int) -> None:
        self._house = house
        self._seed = seed
        self.order = random.Random(seed)
        self.world: model.World = {}
        self._made: dict[str, Any] = {}

    async def build(self, count: int) -> None:
        """Make objects of two kinds, most of them with owners; a few circles among them."""
        for number in range(count):
            await self._make(f"o-{number}")
        for _ in range(count // 20):
            later, sooner = sorted(self.order.sample(sorted(self.world), 2), key=_number)[::-1]
            await self._own(sooner, later)

    async def delete(self) -> str:
        """Delete one object, there and in the model; return what was done."""
        candidates = [name for name, thing in self.world.items() if not thing.is_going]
        name = self.order.choice(candidates)
        finalizer = self.order.choice(list(_POLICIES))
        request = requests_pb2.DeleteRequest(name=name, propagation_policy=_POLICIES[finalizer])
        service = self._house.kind(_word(name)).resource.service
        await self._house.entrance.answer(service, "Delete", request.SerializeToString())
        model.delete(self.world, name, finalizer)
        return f"{name} with {finalizer or 'Background'}"

    async def rests(self, after: str) -> None:
        """Wait until the store is as the model says, and see that it stays so."""
        expected = model.outcomes(self.world, 12, self._seed)
        # Deletions race with what others do: a store at rest is one of the outcomes.
        found = await self._until(expected, after)
        markers = [f"marker-{self.order.getrandbits(60)}" for _ in range(_MARKERS)]
        for marker in markers:
            await self._house.create("cm", marker, metadata={"ownerReferences": [GHOST]})
        assert await self._until([found], after) == found
        await self._adopt(found)

    async def _make(self, name: str) -> None:
        thing = Thing()
        for owner in self.order.sample(sorted(self.world), min(len(self.world), self._owners())):
            thing.owners[owner] = self.order.random() < 0.5
        if self.order.random() < 0.08:
            thing.finalizers.add(HOLD)
        references = [self._reference(owner, blocks) for owner, blocks in thing.owners.items()]
        metadata = {"ownerReferences": references, "finalizers": sorted(thing.finalizers)}
        self._made[name] = await self._house.create(_word(name), name, metadata=metadata)
        self.world[name] = thing

    def _owners(self) -> int:
        return self.order.choices((0, 1, 2, 3), (2, 6, 3, 1))[0]

    async def _own(self, name: str, owner: str) -> None:
        if owner in self.world[name].owners:
            return
        blocks = self.order.random() < 0.5
        found = await self._house.get(_word(name), name)
        added = found.metadata.owner_references.add(block_owner_deletion=blocks)
        made = self._made[owner]
        added.api_version, added.kind = made.api_version, made.kind
        added.name, added.uid = owner, made.metadata.uid
        await self._house.update(_word(name), found)
        self.world[name].owners[owner] = blocks

    def _reference(self, owner: str, blocks: bool) -> dict[str, Any]:  # noqa: FBT001  # a field
        made = self._made[owner]
        return {
            "apiVersion": made.api_version,
            "kind": made.kind,
            "name": owner,
            "uid": made.metadata.uid,
            "blockOwnerDeletion": blocks,
        }

    async def _until(self, expected: list[model.State], after: str) -> model.State:
        store = self._house.api.store
        revision = await store.revision()
        watch = store.watch(b"/registry/", after=revision)
        state: model.State = {}
        try:
            async with asyncio.timeout(_SECONDS), aclosing(watch) as changes:
                while True:
                    state = {name: seen[0] for name, seen in (await self._objects()).items()}
                    if state in expected:
                        return state
                    await anext(changes)
        except TimeoutError:
            wanted = expected[0]
            differs = {
                name: (state.get(name), wanted.get(name))
                for name in sorted({*state, *wanted})
                if state.get(name) != wanted.get(name)
            }
            message = f"seed {self._seed}, after {after}: there is, and should be: {differs}"
            raise AssertionError(message) from None

    async def _adopt(self, found: model.State) -> None:
        """Take what the model may have otherwise, in circles, from the store."""
        objects = await self._objects()
        self.world = {
            name: Thing(
                owners=dict(objects[name][1]), finalizers=set(finalizers), is_going=is_going
            )
            for name, (_, finalizers, is_going) in found.items()
        }

    async def _objects(self) -> dict[str, tuple[Any, dict[str, bool]]]:
        """Return the state of what is there, and which owners each blocks."""
        found = {}
        for word in _WORDS:
            kind = self._house.kind(word)
            for record in (await self._house.api.store.list(kind.prefix("default"))).records:
                metadata = kind.parse(record.value).metadata
                owners = {
                    item.name: item.block_owner_deletion for item in metadata.owner_references
                }
                state = (
                    tuple(sorted(owners)),
                    tuple(sorted(metadata.finalizers)),
                    metadata.HasField("deletion_timestamp"),
                )
                found[metadata.name] = (state, owners)
        return found


def _number(name: str) -> int:
    return int(name.partition("-")[2])


def _word(name: str) -> str:
    return _WORDS[_number(name) % len(_WORDS)] if name.startswith("o-") else "cm"


async def play(store: Store, seed: int, *, things: int, deletions: int) -> int:
    """Build a graph, delete in it amid faults, and compare; return how many things are left."""
    house = await InProcess.over(store)
    played = Random(house, seed)
    await played.build(things)
    collectors = Collectors(store, random.Random(seed + 1))
    async with beside(collectors.run()):
        for _ in range(deletions):
            if all(thing.is_going for thing in played.world.values()):
                break
            await played.rests(await played.delete())
    return len(played.world)
