"""Watches: from the log where it reaches back far enough, from the store until it does."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube_server.cache import encoding
from protocube_server.cache.seen import SeenEvent
from protocube_server.storage import base

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.cache.feed import Feed
    from protocube_server.cache.log import Log
    from protocube_server.cache.marks import Marks
    from protocube_server.cache.selection import Selection
    from protocube_server.storage.base import Store

_RESPONSE = 1024 * 1024
"""What a reader has missed is joined to responses of about so many bytes."""
_BEGIN_SECONDS = 0.5


class Watcher:
    """One watch of ``selection``. It is at a revision, and goes on from there.

    ``marks`` are the times of its progress marks.
    """

    def __init__(
        self,
        store: Store,
        feed: Feed,
        selection: Selection,
        *,
        after: int,
        incarnation: str,
        marks: Marks,
    ) -> None:
        self._store = store
        self._incarnation = incarnation
        """That of the store in which the position was read."""
        self._feed = feed
        self._selection = selection
        self._position = after
        self._marked = after
        self._marks = marks

    async def responses(self) -> AsyncGenerator[bytes, None]:
        """Yield the responses behind ``after``. Raises as :meth:`base.Store.watch` does."""
        while True:
            await self._feed.begun(within=_BEGIN_SECONDS)
            if self._store.incarnation != self._incarnation:
                raise base.gone_back()
            log = self._log()
            source = self._from_log(log) if log is not None else self._from_store()
            async with aclosing(source) as found:
                async for response in found:
                    yield response

    def _log(self) -> Log | None:
        """Return the log of the kind, if it goes on from the position."""
        prefix = self._selection.kind.prefix()
        return self._feed.log_behind(self._position, self._incarnation, prefix)

    async def _from_log(self, log: Log) -> AsyncGenerator[bytes, None]:
        """Yield what is in the log until it ends, or drops what was not read yet."""
        place = log.place_behind(self._position)
        while log.has(place):
            found: list[bytes] = []
            size = told = 0
            for entry in log.read(place):
                # The log may lag behind the store, and the watch have begun further on.
                if entry.revision.number > self._position:
                    parts = entry.responses(self._selection)
                    size += sum(map(len, parts))
                    if found and size > _RESPONSE:
                        break
                    found += parts
                    told = entry.revision.number if parts else told
                    self._position = entry.revision.number
                place += 1
                if size > _RESPONSE:
                    break
            else:
                # All is read, so nothing that the feed has seen is missing.
                self._position = max(self._position, self._feed.position)
            if found:
                # What is not selected may lie behind the last event: a mark has to tell of it.
                self._marked = told
                # One revision may be more than one message takes: such parts stay apart.
                for response in found if size > encoding.MOST_BYTES else [b"".join(found)]:
                    yield response
            elif self._marks.take() and self._position > self._marked:
                self._marked = self._position
                yield encoding.progress(self._position)
            else:
                place = await self._wait(log)

    async def _wait(self, log: Log) -> int:
        """Wait for what may concern us, or until it is time for a progress mark.

        Returns the place in the log to go on from.
        """
        waiter = log.wait(self._selection)
        try:
            if not self._marks.are_wanted:
                await waiter.woken  # A timer for each wait would cost more than the wait.
            else:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(self._marks.at):
                        await waiter.woken
        finally:
            place, seen = log.leave(waiter)
            self._position = max(self._position, seen)
        return place

    async def _from_store(self) -> AsyncGenerator[bytes, None]:
        """Yield what the store has until the log can take over."""
        watch = self._store.watch(
            self._selection.prefix, after=self._position, progress=self._marks.are_wanted
        )
        async with aclosing(watch) as found:
            async for revision in found:
                self._position = revision.number
                if revision.events:
                    kind = self._selection.kind
                    seen = (SeenEvent(kind, event) for event in revision.events)
                    found_here = encoding.responses(self._selection, revision.number, seen)
                elif self._marks.take():
                    found_here = (encoding.progress(revision.number),)
                else:
                    found_here = ()
                for response in found_here:
                    self._marked = self._position
                    yield response
                if self._log() is not None:
                    return
