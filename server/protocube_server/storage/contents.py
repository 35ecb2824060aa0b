"""How much a store holds, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.storage import keys

if TYPE_CHECKING:
    from protocube_server.storage.base import Store


async def told(store: Store, prefix: str) -> str:
    """Return ``new store``, or how many objects a store has. Raises as the store does."""
    everything = (await store.list(keys.root(prefix), limit=1)).count
    if not everything:
        return "new store"
    of_system = (await store.list(keys.all_system(prefix), limit=1)).count
    count = everything - of_system
    return "1 object" if count == 1 else f"{count} objects"
