"""What happens to the objects of all kinds, for a reader in this process."""

from __future__ import annotations

from contextlib import aclosing
from itertools import islice
from typing import TYPE_CHECKING

from protocube_server.storage import base

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.cache.feed import Feed
    from protocube_server.cache.log import Log
    from protocube_server.storage.base import Revision, Store

_AT_ONCE = 256
"""Revisions that are taken from the log before others have their turn."""
_BEGIN_SECONDS = 0.5


class Changes:
    """Whole revisions, in order, none missing: from the feed, or from the store until it is live.

    ``prefix`` is what our keys begin with.
    """

    def __init__(
        self, store: Store, feed: Feed, prefix: bytes, *, after: int, incarnation: str
    ) -> None:
        self._store = store
        self._feed = feed
        self._prefix = prefix
        self._position = after
        self._incarnation = incarnation
        """That of the store in which the position was read."""

    async def revisions(self) -> AsyncGenerator[Revision, None]:
        """Yield the revisions behind ``after``. Raises as :meth:`base.Store.watch` does."""
        while True:
            await self._feed.begun(within=_BEGIN_SECONDS)
            if self._store.incarnation != self._incarnation:
                raise base.gone_back()
            log = self._feed.log_behind(self._position, self._incarnation)
            source = self._from_log(log) if log is not None else self._from_store()
            async with aclosing(source) as found:
                async for revision in found:
                    yield revision

    async def _from_log(self, log: Log) -> AsyncGenerator[Revision, None]:
        """Yield what is in the log until it ends, or drops what was not read yet."""
        place = log.place_behind(self._position)
        while log.has(place):
            seen = self._feed.position
            entries = list(islice(log.read(place), _AT_ONCE))
            place += len(entries)
            for entry in entries:
                # The log may lag behind the store, and have begun before the position.
                if entry.revision.number > self._position:
                    self._position = entry.revision.number
                    yield entry.revision
            if not entries:
                self._position = max(self._position, seen)
                await self._feed.moved(log, self._position)

    async def _from_store(self) -> AsyncGenerator[Revision, None]:
        """Yield what the store has until the log can take over."""
        watch = self._store.watch(self._prefix, after=self._position, progress=True)
        async with aclosing(watch) as found:
            async for revision in found:
                self._position = revision.number
                yield revision
                if self._feed.log_behind(self._position, self._incarnation) is not None:
                    return
