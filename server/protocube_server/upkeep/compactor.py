"""Forgets old history, so that a store does not grow with every write for ever.

The leader compacts, to the revision that the store was at one interval ago. Compacting is
no write, so no guard protects it; a leader that was replaced meanwhile does no harm, because
it compacts to what it saw a whole interval before, as its successor would.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import keys
from protocube_server.storage.base import Remove, Set

if TYPE_CHECKING:
    from protocube_server.storage.base import Store
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term

_LOG = logging.getLogger("protocube.server")


class Compactor:
    """The turns of one term."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen = 0
        self._incarnation = ""

    async def turn(self) -> int:
        """Compact to the revision of the turn before; return it, 0 when there was none.

        The first turn only looks. So a watch may lag, and a list may take between its
        pages, as long as lies between two turns. Raises what the store raises.
        """
        newest = await self._store.revision()
        # What was seen before the store went back in time says nothing of it now.
        seen = self._seen if self._incarnation == self._store.incarnation else 0
        if seen:
            await self._store.compact(seen)
        self._seen, self._incarnation = newest, self._store.incarnation
        return seen


def compacting(store: Store, prefix: str, interval: float) -> Worker:
    """Return the worker that takes a turn every ``interval`` seconds.

    A turn that fails is only logged.
    """

    async def compact(term: Term) -> None:
        await _remove_former_key(store, prefix, term)
        compactor = Compactor(store)
        while True:
            try:
                compacted = await compactor.turn()
                if compacted:
                    _LOG.info("compacted the history before revision %d", compacted)
            except errors.ApiError as error:
                _LOG.warning("compaction: %s; trying again in %g s", error, interval)
            await asyncio.sleep(interval)

    return compact


async def _remove_former_key(store: Store, prefix: str, term: Term) -> None:
    """Remove what the servers of the first format agreed by."""
    key = keys.former_compaction(prefix)
    if await store.get(key) is not None:
        await term.apply(Set(writes=(Remove(key=key),)))
