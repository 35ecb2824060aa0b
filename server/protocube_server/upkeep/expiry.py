"""Removes the records of requests with an id once they are old enough.

No clocks are compared, and there is no time in a record: the leader notes which revision the
store is at, and after the time to keep removes what is not newer. So a record is kept for that
time and up to a turn longer, and longer again when the leader changes meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import keys
from protocube_server.storage.base import ConditionFailed, Remove, Set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.storage.base import Record, Store
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term

_TURNS = 10
"""In the time that a record is kept."""
_BATCH = 100
"""Records read, and removed, at once."""

_LOG = logging.getLogger("protocube.server")


class Expiry:
    """The turns of one term."""

    def __init__(self, store: Store, prefix: str, term: Term) -> None:
        self._store = store
        self._area = keys.system(prefix, keys.Area.REQUESTS) + b"/"
        self._term = term

    async def remove(self, newest: int) -> int:
        """Remove the records that were written at ``newest`` or before; return how many.

        Raises what the store raises, and ``GuardFailed`` once another server leads.
        """
        start, removed = b"", 0
        while True:
            page = await self._store.list(self._area, start=start, limit=_BATCH)
            old = [record for record in page.records if record.mod_revision <= newest]
            removed += await self._remove(old)
            if not page.more:
                return removed
            start = page.records[-1].key + b"\0"

    async def _remove(self, records: Sequence[Record]) -> int:
        if not records:
            return 0
        removes = [Remove(key=record.key, expected=record.mod_revision) for record in records]
        try:
            await self._term.apply(Set(writes=tuple(removes)))
        except ConditionFailed:
            # One is not there any more. The others are removed in the next turn.
            return 0
        except errors.MethodNotSupported:
            # kine makes one write at a time.
            for remove in removes:
                await self._term.apply(Set(writes=(remove,)))
        return len(records)


def expiring(store: Store, prefix: str, keep: float) -> Worker:
    """Return the worker that removes records of requests that are older than ``keep`` seconds."""
    pause = keep / _TURNS

    async def expire(term: Term) -> None:
        expiry = Expiry(store, prefix, term)
        seen: deque[int] = deque(maxlen=_TURNS + 1)
        while True:
            try:
                seen.append(await store.revision())
                if len(seen) > _TURNS and (removed := await expiry.remove(seen[0])):
                    _LOG.debug("removed the records of %d requests", removed)
            except errors.ApiError as error:
                # What was seen stays: what failed now is removed in the next turn.
                _LOG.warning("records of requests: %s; trying again in %g s", error, pause)
            await asyncio.sleep(pause)

    return expire
