"""The kinds of a store: those that are shipped, and those that are defined in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube.catalog import Catalog
from protocube_server.definitions import stored
from protocube_server.definitions.crd.door import SchemaDoor
from protocube_server.definitions.proto.door import ProtoDoor

if TYPE_CHECKING:
    from protocube_server.storage.url import OpenedStore


async def catalog(opened: OpenedStore) -> Catalog:
    """Return them. Raises as the store does."""
    shipped = Catalog.shipped()
    doors = (ProtoDoor(shipped), SchemaDoor())
    return await stored.catalog(opened.store, opened.prefix, shipped, doors)
