"""The kinds of a store, for a program that looks at it without a server."""

from __future__ import annotations

import functools
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from protocube.joined_catalog import JoinedCatalog
from protocube_server.definitions import building, entries
from protocube_server.definitions.entries import Entry
from protocube_server.definitions.first_use import Late
from protocube_server.definitions.shelves import Shelves
from protocube_server.kinds.defined import Defined
from protocube_server.kinds.kind import Kind
from protocube_server.kinds.named.functions import NONE
from protocube_server.storage import paging

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.catalog import Catalog
    from protocube_server.definitions.door import Door
    from protocube_server.storage.base import Store

_PAGE = 200


async def catalog(store: Store, prefix: str, base: Catalog, doors: Sequence[Door]) -> Catalog:
    """Return ``base`` with the kinds that are defined in a store.

    An entry that cannot be read, or has no definition, is left out: its objects are then of no
    known kind. Raises as the store does.
    """
    by_message = {door.message: door for door in doors}
    parts, shelves = [base], Shelves(base)
    beginning = entries.beginning(prefix)
    async with aclosing(paging.pages(store, beginning, limit=_PAGE)) as pages:
        async for page in pages:
            for record in page.records:
                try:
                    entry = Entry.read(record)
                except errors.Damaged:
                    continue
                door = by_message.get(entry.message)
                resource = base.for_message(entry.message)
                if door is None or resource is None:
                    continue
                kind, name = Kind(resource, prefix), entries.name(prefix, record.key)
                found = await store.get(kind.key("", name))
                if found is None:
                    continue
                defined = Defined(name=name, entry=record.key, noun=door.noun)
                read = functools.partial(kind.read, found)
                numbers = building.numbers_of(found.value)
                late = Late(door, read, numbers, defined)
                parts.append(building.build_late(shelves, entry, late, NONE, defined).catalog)
    return JoinedCatalog(parts) if len(parts) > 1 else base
