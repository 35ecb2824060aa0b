"""Clients that make namespaces, fill them, and delete them with what is in them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.meta.v1 import requests_pb2
from tests.simulation import loop
from tests.simulation.kinds import CONTENTS, NAMESPACES

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from protocube_server.kinds.kind import Kind
    from tests.simulation.servers import SimulatedServer
    from tests.simulation.store import World

NAMES: Final = ("tenant-0", "tenant-1")
"""Few, so that a name is used again while the namespace that had it is still ending."""

_OBJECTS = 4
"""Names of objects in each namespace."""
_FINALIZER = "example.com/held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """The deletion of a namespace that was acknowledged."""

    name: str
    uid: str
    epoch: int
    """Of the store, from the call to its answer."""
    revision: int


@dataclass(slots=True, kw_only=True)
class Told:
    """What tenants asked for, and what they were told."""

    asked: set[str] = field(default_factory=set)
    """The uids of all namespaces and objects whose deletion was asked for."""
    deletions: list[Deletion] = field(default_factory=list)


class Tenants:
    """Clients of ``servers``; what they do is recorded in :attr:`told`."""

    def __init__(
        self, chance: random.Random, world: World, servers: Sequence[SimulatedServer]
    ) -> None:
        self.told = Told()
        self._chance = chance
        self._world = world
        self._servers = servers

    async def live(self, *, seconds: float) -> None:
        """Make a namespace, fill it and delete it, a few times in about so long."""
        rounds = self._chance.randint(1, 3)
        for _ in range(rounds):
            await loop.wait(self._chance.random() * seconds / rounds)
            name = self._chance.choice(NAMES)
            uid = await self._make(name)
            for _ in range(self._chance.randint(1, 5)):
                await self._change(name)
            if uid:
                await self._end(name, uid)

    async def release(self) -> None:
        """Take the finalizers off all that is being deleted."""
        for kind in CONTENTS:
            for name in NAMES:
                request: Any = requests_pb2.ListRequest(namespace=name)
                listing = await self._call(kind, "List", request)
                for item in listing.items if listing else ():
                    if item.metadata.HasField("deletion_timestamp") and item.metadata.finalizers:
                        del item.metadata.finalizers[:]
                        request = kind.resource.update_request_class(object=item)
                        await self._call(kind, "Update", request)

    async def _make(self, name: str) -> str:
        """Create a namespace; return the uid of the one that is there, if that is known."""
        request = NAMESPACES.resource.create_request_class(object=_object(NAMESPACES, name))
        there = await self._call(NAMESPACES, "Create", request)
        there = there or await self._call(NAMESPACES, "Get", requests_pb2.GetRequest(name=name))
        return str(there.metadata.uid) if there else ""

    async def _change(self, namespace: str) -> None:
        """Create an object, or delete it when it is there already."""
        kind = self._chance.choice(CONTENTS)
        item = _object(kind, f"item-{self._chance.randrange(_OBJECTS)}", namespace)
        if self._chance.randrange(4) == 0:
            item.metadata.finalizers.append(_FINALIZER)
        request = kind.resource.create_request_class(object=item)
        if await self._call(kind, "Create", request):
            return
        names = {"name": item.metadata.name, "namespace": namespace}
        there = await self._call(kind, "Get", requests_pb2.GetRequest(**names))
        if there:
            await self._delete(kind, there)

    async def _end(self, name: str, uid: str) -> None:
        epoch = self._world.epoch
        item = _object(NAMESPACES, name)
        item.metadata.uid = uid
        marked = await self._delete(NAMESPACES, item)
        if marked and self._world.epoch == epoch:
            revision = int(marked.metadata.resource_version)
            deletion = Deletion(name=name, uid=uid, epoch=epoch, revision=revision)
            self.told.deletions.append(deletion)

    async def _delete(self, kind: Kind, item: Any) -> Any:
        metadata = item.metadata
        self.told.asked.add(metadata.uid)
        request = requests_pb2.DeleteRequest(name=metadata.name, namespace=metadata.namespace)
        request.preconditions.uid = metadata.uid
        return await self._call(kind, "Delete", request)

    async def _call(self, kind: Kind, method: str, request: Any) -> Any:
        """Return the answer of any server, ``None`` when the call has failed."""
        server, resource = self._chance.choice(self._servers), kind.resource
        try:
            raw = await server.call(resource.service, method, request)
        except errors.ApiError:
            await asyncio.sleep(0)  # A server that is down refuses without an await.
            return None
        answer = resource.list_class if method == "List" else resource.message_class
        return answer.FromString(raw)


def _object(kind: Kind, name: str, namespace: str = "") -> Any:
    resource = kind.resource
    item: Any = resource.message_class()
    item.api_version, item.kind = resource.api_version, resource.kind
    item.metadata.name, item.metadata.namespace = name, namespace
    return item
