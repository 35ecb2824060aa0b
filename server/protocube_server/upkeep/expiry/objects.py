"""Deletes objects of the kinds that declare for how long they are kept."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server import tasks
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import EXPIRY
from protocube_server.storage import keys
from protocube_server.upkeep.expiry.aging import Kept, aging
from protocube_server.upkeep.expiry.clock import SystemClock
from protocube_server.upkeep.guarded_store import guarded
from protocube_server.upkeep.seen import deletion, metadata_of
from protocube_server.verbs.entrance import Entrance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.kinds.kind import Kind
    from protocube_server.upkeep.expiry.clock import Clock
    from protocube_server.upkeep.expiry.lifetimes import Lifetimes
    from protocube_server.upkeep.expiry.written import Write
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api

_AT_ONCE = 16
"""Deletions that are under way together."""

_LOG = logging.getLogger("protocube.server")


def expiring(
    api: Api, lifetimes: Lifetimes, stages: Stages | None = None, clock: Clock | None = None
) -> Worker:
    """Return the worker that deletes what is kept no longer in the store that ``api`` works on.

    Its calls meet the ``stages`` that all calls meet.
    """

    async def expire_objects(term: Term) -> None:
        led = guarded(api, term)
        while True:
            await _run(led, lifetimes, stages or Stages(), clock or SystemClock())

    return expire_objects


async def _run(api: Api, lifetimes: Lifetimes, stages: Stages, clock: Clock) -> None:
    """Work on one edition, until another one takes its place."""
    edition = api.editions.current
    entrance = Entrance(api, stages)
    works = [api.editions.until_replaced(edition)]
    for kind in edition.kinds:
        if kind.is_stored and (seconds := lifetimes.of(kind)):
            kept = Kept(
                what=kind.resource.qualified,
                prefix=kind.prefix(),
                seconds=seconds,
                marks=kind.system_key(keys.Area.MARKS, kind.resource.qualified),
                remove=Objects(api, entrance, kind).remove,
            )
            works.append(aging(api.store, kept, clock))
    await tasks.until_one_ends(works)


class Objects:
    """The objects of one kind, as they are deleted once they are old."""

    def __init__(self, api: Api, entrance: Entrance, kind: Kind) -> None:
        self._api = api
        self._entrance = entrance
        self._kind = kind
        self._seats = asyncio.Semaphore(_AT_ONCE)

    async def remove(self, writes: Sequence[Write]) -> Sequence[Write]:
        """Delete the objects that were written last by these writes; return those that failed.

        Raises ``GuardFailed`` once another server leads.
        """
        deletions = (self._delete(write) for write in writes)
        outcomes = await asyncio.gather(*deletions, return_exceptions=True)
        failed = []
        for write, outcome in zip(writes, outcomes, strict=True):
            if isinstance(outcome, errors.ApiError):
                failed.append(write)
            elif outcome is not None:
                raise outcome
        if failed:
            why = next(item for item in outcomes if item is not None)
            what = self._kind.resource.qualified
            _LOG.warning("expiry of %s: %d are not deleted yet: %s", what, len(failed), why)
        return failed

    async def _delete(self, write: Write) -> None:
        """Delete an object, if this was the last write of it and it can be read."""
        async with self._seats:
            try:
                await self._call(write)
            except (errors.Conflict, errors.NotFound):
                pass  # It was written or deleted meanwhile.
            except errors.Damaged as error:
                # Only a deletion that asks for it takes what cannot be read.
                _LOG.warning("expiry: %s", error)

    async def _call(self, write: Write) -> None:
        record = await self._api.store.get(write.key)
        if record is None or record.mod_revision != write.revision:
            return
        request = deletion(self._kind, metadata_of(record), str(write.revision))
        await self._entrance.answer(self._kind.resource.service, "Delete", request, user=EXPIRY)
