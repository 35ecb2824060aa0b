"""The owners of an object, and the objects that it owns, as their owner references say it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_client.client import Client
from protocube_client.printers.printable import Printable

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.session import Session

_LISTS = 8
"""How many kinds are read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What an owner reference names."""

    kind: str
    """With its group: ``replicaset.apps``."""
    name: str
    found: Printable | None
    """``None`` when there is no such object, or another one of its name."""


class Family:
    """Reads the objects of a namespace once, or those of all, and knows whose they are."""

    def __init__(self, session: Session) -> None:
        self._catalog = session.catalog
        # Nobody asked for the kinds that are read, so their warnings are not for anybody.
        self._client = Client(
            session.connection, catalog=session.catalog, on_warning=lambda _: None
        )
        self._dependents: dict[str, list[Printable]] = {}
        self.unread: list[str] = []
        """The kinds that could not be read."""

    async def read(self, namespace: str) -> None:
        """Read what owners in a namespace can own; owners outside of all with an empty one."""
        kinds = [
            resource
            for resource in self._catalog.preferred
            if "List" in resource.methods and (resource.namespaced or not namespace)
        ]
        turns = asyncio.Semaphore(_LISTS)

        async def one(resource: Resource) -> None:
            async with turns:
                await self._read(resource, namespace)

        try:
            async with asyncio.TaskGroup() as tasks:
                for resource in kinds:
                    tasks.create_task(one(resource))
        except ExceptionGroup as failed:
            # The first one has ended the others.
            raise failed.exceptions[0] from None
        self.unread.sort()
        for found in self._dependents.values():
            found.sort(key=lambda item: (item.resource.qualified_kind, item.name))

    async def _read(self, resource: Resource, namespace: str) -> None:
        try:
            found = await self._client.list(resource.message_class, namespace=namespace)
        except (errors.Forbidden, errors.NotFound):
            self.unread.append(resource.qualified)
            return
        for message in found:
            item = Printable(resource=resource, message=message)
            for uid in {reference.uid for reference in item.metadata.owner_references}:
                self._dependents.setdefault(uid, []).append(item)

    def dependents(self, item: Printable) -> list[Printable]:
        """Return the objects that name ``item`` as an owner, by kind and name."""
        return self._dependents.get(item.metadata.uid, [])

    async def owners(self, item: Printable) -> list[Owner]:
        """Return the owners of an object, the one that controls it first."""
        references = sorted(item.metadata.owner_references, key=lambda each: not each.controller)
        return [await self._owner(reference, item.metadata.namespace) for reference in references]

    async def _owner(self, reference: Any, namespace: str) -> Owner:
        group = reference.api_version.rpartition("/")[0]
        kind = f"{reference.kind.lower()}.{group}" if group else reference.kind.lower()
        resource = self._catalog.for_kind(reference.api_version, reference.kind)
        found: Any = None
        if resource is not None:
            try:
                found = await self._client.get(
                    resource.message_class,
                    reference.name,
                    namespace=namespace if resource.namespaced else "",
                )
            except errors.NotFound:
                found = None
        is_it = found is not None and found.metadata.uid == reference.uid
        owner = Printable(resource=resource, message=found) if resource and is_it else None
        return Owner(kind=kind, name=reference.name, found=owner)
