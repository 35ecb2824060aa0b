"""All objects of a store at one revision, and the server's own entries beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.commands.store.allocations import Allocations
from protocube_server.kinds import soundness
from protocube_server.storage import format as store_format
from protocube_server.storage import keys, paging
from protocube_server.storage.sealing import marks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from contextlib import AbstractContextManager

    from protocube.catalog import Catalog, Resource
    from protocube_server.storage.base import Page, Record
    from protocube_server.storage.sealing.marks import Mark
    from protocube_server.storage.url import OpenedStore

_PAGE = 200
_OF_THE_STORE = (
    keys.Area.FORMAT,
    keys.Area.LEADERSHIP,
    keys.Area.MARKS,
    keys.Area.REQUESTS,
)

Bar = Callable[[str, int], "AbstractContextManager[Any]"]
"""Makes a progress bar of a label and a length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a store holds."""

    count: int
    """Objects."""
    size: int
    """Bytes of their values."""
    entries: int
    """Entries of the server's own."""
    revision: int
    damaged: tuple[str, ...]
    notes: tuple[str, ...]
    """What is not as it could be, and is no damage."""


def pages(opened: OpenedStore) -> AsyncGenerator[Page, None]:
    """Return the pages of all below the prefix, all of one revision; there is one at least."""
    return paging.pages(opened.store, keys.root(opened.prefix), limit=_PAGE)


async def total(opened: OpenedStore) -> int:
    """Return how many keys there are below the prefix."""
    return (await opened.store.list(keys.root(opened.prefix), limit=1)).count


def is_exported(opened: OpenedStore, key: bytes) -> bool:
    """Tell whether an export carries what is under a key.

    The server's own entries go along when they are about objects (what is allocated and
    reserved), and stay when they are about the servers and calls of this store (who leads,
    which request has made what): in another store these would be wrong. The format is in
    the first line. What a newer server keeps goes along.
    """
    match keys.parse(opened.prefix, key):
        case keys.SystemKey(area=area):
            return area not in _OF_THE_STORE
        case parsed:
            return parsed is not None


async def decode_all(opened: OpenedStore, catalog: Catalog, bar: Bar) -> Found:
    """Decode every object, and name those that cannot be."""
    count = size = entries = revision = 0
    damaged: list[str] = []
    allocations = Allocations(catalog, opened.prefix)
    closed: Counter[Mark] = Counter()
    with bar("checking", await total(opened)) as shown:
        async for page in pages(opened):
            revision = page.revision
            shown.update(len(page.records))
            for record in page.records:
                key = keys.parse(opened.prefix, record.key)
                if isinstance(key, keys.SystemKey):
                    entries += 1
                elif key is not None:
                    count += 1
                    size += len(record.value)
                if (mark := marks.read(record.value)) is not None and not record.fault:
                    closed[mark] += 1
                damaged += wrong(opened.prefix, record, catalog)
                allocations.see(record)
    return Found(
        count=count,
        size=size,
        entries=entries,
        revision=revision,
        damaged=(*damaged, *allocations.faults),
        notes=(*allocations.notes, *_closed(closed)),
    )


def _closed(found: Counter[Mark]) -> list[str]:
    return [f"{count} values are sealed with {mark}: not decoded" for mark, count in found.items()]


def sealed(record: Record) -> str:
    """Say of a record, behind its name, that what is in it cannot be told; empty when it can."""
    if record.fault:
        return f"cannot be opened: {record.fault}"
    mark = marks.read(record.value)
    return f"is sealed with {mark} (--encryption-config)" if mark is not None else ""


def wrong(prefix: str, record: Record, catalog: Catalog) -> list[str]:
    """Say what is wrong with a record; nothing of one that is sound, or sealed and not opened."""
    name = keys.relative(prefix, record.key)
    if record.fault:
        return [f"{name} {sealed(record)}"]
    if marks.read(record.value) is not None:
        return []
    match keys.parse(prefix, record.key):
        case keys.SystemKey(area=area):
            if area not in set(keys.Area):
                return [f"{name} is no entry that this program knows"]
            if record.key == store_format.key(prefix) and not _is_format(record.value):
                return [f"{name} is no format of a store"]
            return []
        case keys.ObjectKey() as key:
            resource = catalog.stored(key.resource)
            if resource is None:
                return [f"{name} is of no kind that this program knows"]
            return [f"{name} {fault}" for fault in _faults(key, resource, record)]
    is_former = record.key == keys.former_compaction(prefix)
    return [] if is_former else [f"{name} is no key of this program"]


def _faults(key: keys.ObjectKey, resource: Resource, record: Record) -> list[str]:
    """Say what is wrong with an object of a known kind."""
    if resource.namespaced != bool(key.namespace):
        return ["is no key of this program"]
    try:
        message = soundness.decoded(resource.message_class, record.value)
    except errors.ApiError as error:
        return [f"is of a kind whose definition cannot be read: {error}"]
    if message is None:
        return [f"is not a {resource.message}"]
    return _misplaced(key, resource, message) or soundness.faults(message)


def _is_format(value: bytes) -> bool:
    try:
        store_format.parse(value)
    except errors.ApiError:
        return False
    return True


def _misplaced(key: keys.ObjectKey, resource: Resource, message: Any) -> list[str]:
    """Say when an object is another one than its key says."""
    metadata = message.metadata
    claims = (
        (message.api_version, resource.api_version),
        (message.kind, resource.kind),
        (metadata.namespace, key.namespace),
        (metadata.name, key.name),
    )
    if all(claimed in ("", meant) for claimed, meant in claims):
        return []
    return [f"holds {' '.join(claimed for claimed, _ in claims if claimed)}"]
