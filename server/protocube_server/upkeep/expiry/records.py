"""Removes the records of requests with an id once they are old enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import base, keys
from protocube_server.storage.base import ConditionFailed, Set
from protocube_server.upkeep.expiry.aging import Kept, aging
from protocube_server.upkeep.expiry.clock import SystemClock
from protocube_server.upkeep.guarded_store import GuardedStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.storage.base import Store
    from protocube_server.upkeep.expiry.clock import Clock
    from protocube_server.upkeep.expiry.written import Write
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term


class Records:
    """The records of a store, as a leader removes them. ``store`` is guarded by its term."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def remove(self, writes: Sequence[Write]) -> Sequence[Write]:
        """Remove the records that these writes made; return none to try again.

        Raises what the store raises, and ``GuardFailed`` once another server leads.
        """
        removes = [base.Remove(key=write.key, expected=write.revision) for write in writes]
        try:
            await self._store.apply(Set(writes=tuple(removes)))
        except (ConditionFailed, errors.MethodNotSupported):
            # One is not there any more, or the store makes one write at a time (kine).
            for remove in removes:
                await self._store.write((remove,))
        return ()


def expiring(store: Store, prefix: str, keep: float, clock: Clock | None = None) -> Worker:
    """Return the worker that removes records of requests that are older than ``keep`` seconds."""

    async def expire_records(term: Term) -> None:
        guarded = GuardedStore(store, term)
        kept = Kept(
            what="records of requests",
            prefix=keys.system(prefix, keys.Area.REQUESTS) + b"/",
            seconds=keep,
            marks=keys.system(prefix, keys.Area.MARKS, keys.Area.REQUESTS),
            remove=Records(guarded).remove,
        )
        await aging(guarded, kept, clock or SystemClock())

    return expire_records
