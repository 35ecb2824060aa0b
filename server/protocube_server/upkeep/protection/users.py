"""What the objects in a namespace use, read once for all that wait there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube_server import turns
from protocube_server.kinds.named.use import Used

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.named.use import Use
    from protocube_server.kinds.registry import Registry
    from protocube_server.storage.base import Record, Store

_PAGE = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """What the objects in a namespace use."""

    found: frozenset[Used]
    revision: int
    """When they did."""

    def has(self, message: Any) -> bool:
        """Tell whether an object is one of those that are used."""
        metadata = message.metadata
        owners = {"", *(item.uid for item in metadata.owner_references if item.controller)}
        return any(Used(metadata.name, owner) in self.found for owner in owners)


async def read(store: Store, kinds: Registry, use: Use, namespace: str) -> InUse:
    """Return what is used in a namespace as it is now.

    Raises ``errors.Damaged`` for an object that cannot be read: it may use anything.
    """
    revision = await store.revision()
    found: set[Used] = set()
    for name in use.users:
        kind = kinds.for_message(name)
        if kind is not None:
            found.update(await _used_by(store, kind, use, kind.prefix(namespace), revision))
    return InUse(found=frozenset(found), revision=revision)


async def _used_by(store: Store, kind: Kind, use: Use, prefix: bytes, revision: int) -> set[Used]:
    found: set[Used] = set()
    start = b""
    while True:
        page = await store.list(prefix, start=start, limit=_PAGE, at=revision)
        found.update(await turns.taken(_uses(kind, use, page.records)))
        if not page.more:
            return found
        start = page.records[-1].key + b"\0"


def _uses(kind: Kind, use: Use, records: Iterable[Record]) -> Iterator[Used | None]:
    for record in records:
        yield None
        yield from use.of(kind.read(record))
