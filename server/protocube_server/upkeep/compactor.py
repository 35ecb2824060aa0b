"""Forgets old history, so that a store does not grow with every write for ever.

Of several servers on one store one compacts. A key beside the objects says when it was
done last: each interval all try to write it under the condition that it is as they
know it, and who succeeds compacts. It is how Kubernetes' API servers agree on it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import keys
from protocube_server.storage.base import Done, Put, Refused

if TYPE_CHECKING:
    from protocube_server.storage.base import Store

_LOG = logging.getLogger("protocube.server")


class Compactor:
    """One server's turns. ``prefix`` is that of the objects' keys."""

    def __init__(self, store: Store, prefix: str) -> None:
        self._store = store
        self._key = keys.former_compaction(prefix)
        self._known: int | None = None
        self._seen = 0

    async def turn(self) -> int:
        """Compact to the revision of the turn before, unless another server did; give it or 0.

        The first turn only looks. So a watch may lag, and a list may take between its
        pages, as long as lies between two turns. Raises what the store raises.
        """
        if self._known is None:
            record = await self._store.get(self._key)
            self._seen = await self._store.revision()
            self._known = record.mod_revision if record else 0
            return 0
        revision, known = self._seen, self._known
        self._known = None  # Until the outcome is known: a lost answer means to look again.
        value = str(revision).encode()
        (outcome,) = await self._store.write((Put(key=self._key, value=value, expected=known),))
        if isinstance(outcome, Done):
            self._known = self._seen = outcome.revision
            await self._store.compact(revision)
            return revision
        current = outcome.current if isinstance(outcome, Refused) else None
        self._known = current.mod_revision if current else 0
        self._seen = await self._store.revision()
        return 0


async def compact_forever(store: Store, prefix: str, interval: float) -> None:
    """Take a turn every ``interval`` seconds; a turn that fails is only logged."""
    compactor = Compactor(store, prefix)
    while True:
        try:
            compacted = await compactor.turn()
            if compacted:
                _LOG.info("compacted the history before revision %d", compacted)
        except errors.ApiError as error:
            _LOG.warning("compaction: %s; trying again in %g s", error, interval)
        await asyncio.sleep(interval)
