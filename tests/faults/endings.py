"""Namespaces whose deletion is cut off, and what became of them.

What they hold are Secrets: the ConfigMaps of a run are those that its history tells of.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.core.v1.namespace_pb2 import Namespace
from protocube.core.v1.secret_pb2 import Secret
from protocube_client import Client, EventType

if TYPE_CHECKING:
    from tests.faults.fleet import Server

_OBJECTS = 50
_PREFIX = "ending-"


class Endings:
    """Deletes namespaces through servers that are killed, and looks at what is left of them."""

    def __init__(self) -> None:
        self.deleted: dict[str, int] = {}
        """Those whose deletion was acknowledged, and at which revision."""
        self._count = 0

    async def cut_off(self, server: Server) -> None:
        """Fill a namespace, delete it, and kill the server upon its answer."""
        self._count += 1
        name = f"{_PREFIX}{self._count}"
        # The server may be down, or its etcd: then there is nothing to cut off.
        with contextlib.suppress(errors.ApiError):
            async with Client(server.address, timeout=5.0) as client:
                namespace: Any = Namespace(api_version="v1", kind="Namespace")
                namespace.metadata.name = name
                await client.create(namespace)
                await asyncio.gather(
                    *(client.create(_object(name, number)) for number in range(_OBJECTS))
                )
                marked = await client.delete(Namespace, name)
                self.deleted[name] = int(marked.metadata.resource_version)
        await server.kill()
        await server.start()

    def put_back(self, revision: int) -> None:
        """Forget what was acknowledged behind the revision that the store is put back to."""
        self.deleted = {name: at for name, at in self.deleted.items() if at <= revision}

    async def left(self, client: Client, *, patience: float) -> tuple[str, ...]:
        """Return what is left of the deleted namespaces, once they had so long to end.

        That are they themselves, and objects in a namespace that is gone.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not await self._is_over(client):
                    pass
        there = await self._names(client)
        found = [name for name in self.deleted if name in there]
        for item in await client.list(Secret):
            within = item.metadata.namespace
            if within.startswith(_PREFIX) and within not in there:
                found.append(f"{within}/{item.metadata.name}")
        return tuple(found)

    async def _is_over(self, client: Client) -> bool:
        """Tell whether all have ended, after the next end if they have not."""
        listing = await client.list(Namespace)
        if not {item.metadata.name for item in listing} & {*self.deleted}:
            return True
        watch = client.watch(Namespace, resource_version=listing.resource_version)
        async with aclosing(watch) as events:
            async for event in events:
                if event.type is EventType.DELETED:
                    return False
        return False

    async def _names(self, client: Client) -> set[str]:
        return {item.metadata.name for item in await client.list(Namespace)}


def _object(namespace: str, number: int) -> Any:
    item: Any = Secret(api_version="v1", kind="Secret")
    item.metadata.namespace, item.metadata.name = namespace, f"secret-{number}"
    return item
