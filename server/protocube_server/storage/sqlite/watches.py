"""Watches of the SQLite store.

A watcher is live or behind. Live, it is handed each revision as it is committed,
through a queue of bounded size. Behind (at its start, or after its queue ran over),
it reads the history, while the queue already collects what is committed from now
on; what both of them have is given once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from protocube_server.storage import base, revisions
from protocube_server.storage.sqlite.reads import Stretch

_MOST_REVISIONS = 1000
_MOST_BYTES = 16 * 1024 * 1024

History = Callable[[bytes, int], Awaitable[Stretch]]
"""Reads a stretch of history of a prefix, from behind a revision."""


class Watches:
    """Hands each committed revision to the watchers it concerns."""

    def __init__(self, *, newest: int, history: History, progress_interval: float) -> None:
        self.newest = newest
        """The newest revision that was committed."""
        self._history = history
        self._progress_interval = progress_interval
        self._watchers: set[_Watcher] = set()
        self._closed = False
        self._has_gone_back = False

    def publish(self, made: Sequence[base.Revision]) -> None:
        """Hand on what was committed. Called in the order of revisions."""
        for revision in made:
            self.newest = revision.number
            for watcher in self._watchers:
                watcher.offer(revision)

    def go_back(self) -> None:
        """End all watches with ``errors.Expired``: the store has another history."""
        self._has_gone_back = True
        for watcher in self._watchers:
            watcher.wake()

    def close(self) -> None:
        """End all watches with ``errors.Unavailable``."""
        self._closed = True
        for watcher in self._watchers:
            watcher.wake()

    async def follow(
        self, prefix: bytes, *, after: int, progress: bool
    ) -> AsyncGenerator[base.Revision, None]:
        """Yield the revisions of ``prefix`` behind ``after``, as :meth:`base.Store.watch` says."""
        watcher = _Watcher(prefix)
        self._watchers.add(watcher)
        position = after
        marked = -1
        loop = asyncio.get_running_loop()
        mark_at = loop.time()
        try:
            while True:
                if watcher.is_behind:
                    watcher.restart()
                    newest = self.newest  # What comes after it is in the queue.
                    while position < newest:
                        self._check_open()
                        stretch = await self._history(prefix, position)
                        for revision in stretch.revisions:
                            yield revision
                        position = stretch.through
                while (taken := watcher.take()) is not None:
                    if taken.number > position:
                        position = taken.number
                        yield taken
                self._check_open()
                if watcher.is_behind:
                    continue
                if not progress:
                    await watcher.wait(None)
                    continue
                # The queue is empty, so nothing up to the newest revision is missing.
                position = max(position, self.newest)
                if position > marked and loop.time() >= mark_at:
                    marked = position
                    mark_at = loop.time() + self._progress_interval
                    yield base.Revision(number=position, events=())
                else:
                    await watcher.wait(self._progress_interval)
        finally:
            self._watchers.discard(watcher)

    def _check_open(self) -> None:
        if self._closed:
            raise base.closed()
        if self._has_gone_back:
            raise base.gone_back()


class _Watcher:
    """The queue of one watch. It is told when something came, not what."""

    def __init__(self, prefix: bytes) -> None:
        self._prefix = prefix
        self._queue: deque[base.Revision] = deque()
        self._size = 0
        self._news = asyncio.Event()
        self.is_behind = True

    def restart(self) -> None:
        """Collect from now on."""
        self.is_behind = False

    def offer(self, revision: base.Revision) -> None:
        """Take what concerns this watch, or give up the queue when it is full."""
        if self.is_behind:
            return
        events = tuple(event for event in revision.events if event.key.startswith(self._prefix))
        if not events:
            return
        self._size += sum(map(revisions.size_of, events))
        if len(self._queue) >= _MOST_REVISIONS or self._size > _MOST_BYTES:
            self._queue.clear()
            self._size = 0
            self.is_behind = True
        else:
            self._queue.append(base.Revision(number=revision.number, events=events))
        self._news.set()

    def take(self) -> base.Revision | None:
        """Return the oldest revision in the queue."""
        if not self._queue:
            return None
        revision = self._queue.popleft()
        self._size -= sum(map(revisions.size_of, revision.events))
        return revision

    def wake(self) -> None:
        """End a :meth:`wait`."""
        self._news.set()

    async def wait(self, seconds: float | None) -> None:
        """Wait until something came, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._news.clear()
