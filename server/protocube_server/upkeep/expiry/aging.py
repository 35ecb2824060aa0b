"""Follows what lies below one prefix, and has removed what was not written for long enough.

Everything is read once when a term begins, and then a watch tells of the writes. So a turn costs
by what is old enough, and nothing when there is nothing. A turn after new writes marks the store's
revision (:mod:`.marks`). What is not newer than a mark that is as old as the time to keep is
removed: never early, and up to a turn late. While nothing is written, nothing is marked.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server import tasks, turns
from protocube_server.storage import base, paging
from protocube_server.storage.base import GuardFailed
from protocube_server.upkeep import following
from protocube_server.upkeep.expiry.marks import Mark, Marks
from protocube_server.upkeep.expiry.written import MOST, Write, Written

if TYPE_CHECKING:
    from protocube_server.storage.base import Store
    from protocube_server.upkeep.expiry.clock import Clock

Remove = Callable[[Sequence[Write]], Awaitable[Sequence[Write]]]
"""Removes what these writes were the last ones of; returns those of them to try again."""

_TURNS = 20
"""In the time to keep: what expires is a twentieth of that late, or less."""
_LONGEST_SECONDS = 60.0
"""Between two turns; both bounds are those of Kubernetes' leases for events."""
_PAGE = 500
_AT_ONCE = 100
"""Writes that are removed together."""

_LOG = logging.getLogger("protocube.server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept for how long, and what removes it then."""

    what: str
    """For the log."""
    prefix: bytes
    seconds: float
    marks: bytes
    """The key of its marks."""
    remove: Remove
    most: int = MOST
    """Writes that are remembered."""

    @property
    def pause(self) -> float:
        """The seconds between two turns."""
        return min(self.seconds / _TURNS, _LONGEST_SECONDS)


async def aging(store: Store, kept: Kept, clock: Clock) -> None:
    """Remove what is old, until cancelled. ``store`` is guarded by a term.

    Raises ``GuardFailed`` once another server leads, and what following the store raises.
    """
    await following.anew(lambda: _Aging(store, kept, clock).run())


class _Aging:
    """The writes that are known of one prefix, from one reading on."""

    def __init__(self, store: Store, kept: Kept, clock: Clock) -> None:
        self._store = store
        self._kept = kept
        self._clock = clock
        self._marks = Marks(store, kept.marks, kept.seconds)
        self._written = Written(kept.most)

    async def run(self) -> None:
        """Follow the store and take turns. Returns when everything has to be read again."""
        incarnation = self._store.incarnation
        revision = await self._read()
        await self._marks.read()
        if self._store.incarnation != incarnation:
            raise base.gone_back()
        await tasks.until_one_ends((self._follow(revision), self._take_turns()))

    async def _read(self) -> int:
        """Read what is there; return the revision that it is of."""
        revision = 0
        async with aclosing(paging.pages(self._store, self._kept.prefix, limit=_PAGE)) as found:
            async for page in found:
                revision = page.revision
                with turns.Pace() as pace:
                    for record in page.records:
                        self._written.read(record.mod_revision, record.key)
                        await pace.step()
        with turns.Pace() as pace:
            while self._written.arrange():
                await pace.step()
        return revision

    async def _follow(self, revision: int) -> None:
        async with aclosing(self._store.watch(self._kept.prefix, after=revision)) as found:
            async for changes in found:
                for event in changes.events:
                    if event.record is not None:
                        self._written.add(event.revision, event.key)

    async def _take_turns(self) -> None:
        while not self._written.is_used_up:
            try:
                await self._turn()
            except errors.Expired:
                raise
            except errors.ApiError as error:
                _LOG.warning("expiry of %s: %s", self._kept.what, error)
            await self._clock.sleep(self._kept.pause)

    async def _turn(self) -> None:
        """Mark the revision if there is something to mark it for, and remove what is old."""
        revision = await self._store.revision()
        now = self._clock.now()
        if self._written.newest > self._marks.newest:
            await self._marks.add(Mark(now, revision))
        old, failed, count = self._marks.old(now), list[Write](), 0
        try:
            while writes := self._written.take(old, _AT_ONCE):
                count += len(writes)
                failed += await self._removed(writes)
        finally:
            self._written.put_back(failed)
        if count:
            _LOG.debug("expiry of %s: %d were old, %d failed", self._kept.what, count, len(failed))

    async def _removed(self, writes: Sequence[Write]) -> Sequence[Write]:
        try:
            return await self._kept.remove(writes)
        except (errors.ApiError, GuardFailed):
            self._written.put_back(writes)
            raise
