"""The versions of an object, read one after the other from the newest to the oldest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_client.cli import changed_fields

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube.catalog import Resource
    from protocube_client.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an object."""

    message: Any
    previous: Any
    """The version before it. ``None``: it is the first one, or see :attr:`forgotten`."""
    forgotten: bool
    """The server's history does not reach back to the version before it."""

    @property
    def entry(self) -> Any:
        """What its metadata says of the write: the entry of ``managed_fields`` that is new.

        ``None`` when no entry is, as after a write of the server itself.
        """
        known = set()
        if self.previous is not None:
            known = {_identity(entry) for entry in self.previous.metadata.managed_fields}
        new = [
            entry for entry in self.message.metadata.managed_fields if _identity(entry) not in known
        ]
        if self.forgotten:
            new.sort(key=lambda entry: entry.time.seconds)
        return new[-1] if new else None

    def changes(self, resource: Resource) -> tuple[str, ...]:
        """Return a line for each field that it changed; none of the first version."""
        if self.previous is None:
            return ()
        return changed_fields.lines(resource, self.previous, self.message, status=True)


async def of_object(
    client: Client, resource: Resource, name: str, namespace: str, *, at: str = ""
) -> AsyncGenerator[Version, None]:
    """Yield the versions of an object from the newest, or the one ``at`` a version of the store.

    Raises the exceptions of :mod:`protocube.errors`; an older version that the server does not
    have any more ends it.
    """

    async def read(at: str) -> Any:
        return await client.get(
            resource.message_class,
            name,
            namespace=namespace,
            include_managed_fields=True,
            at_revision=at,
        )

    found = await read(at)
    while found is not None:
        before = int(found.metadata.resource_version) - 1
        previous, forgotten = None, False
        try:
            previous = await read(str(before))
        except errors.NotFound:
            pass
        except errors.Expired:
            forgotten = True
        yield Version(message=found, previous=previous, forgotten=forgotten)
        found = previous


def _identity(entry: Any) -> tuple[Any, ...]:
    """Return what tells an entry of ``managed_fields`` from that of another write."""
    return (entry.manager, entry.operation, entry.subresource, entry.time.seconds, entry.time.nanos)
