"""One watch of the store for all kinds of a server.

Where our keys are the only ones in the store, the feed follows all there are. Every
revision is then an event, so having seen a revision proves that nothing before it is
missing: a list can be answered from memory as soon as the feed has reached the revision
that the store was at when the list was asked for. No progress marks are needed for that,
which old versions of etcd get wrong. Beside others' keys the feed follows ours alone,
and proves nothing.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.cache.log import Log
from protocube_server.cache.seen import SeenEvents
from protocube_server.storage import base, keys
from protocube_server.storage.base import Revision

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from protocube_server.storage.base import Event, Store

    Before = Callable[[Revision], Awaitable[None]]

_PAUSE_SECONDS = 0.5
_HANGS = "its watch hangs"

_log = logging.getLogger(__name__)


class Feed:
    """Follows a store, from the first request for it on, and keeps a :class:`Log` for each kind.

    ``prefix`` is what our keys begin with (``keys.root``). The server's own entries
    (``keys.system``) prove revisions as objects do, and are in no log.
    """

    def __init__(self, store: Store, prefix: bytes) -> None:
        self.before: Before | None = None
        """Awaited before a revision counts as seen; it raises nothing."""
        self.is_live = False
        """Whether the logs grow. While they do not, they are to be left alone."""
        self.proves = False
        """Whether nothing up to :attr:`position` is missing."""
        self.position = 0
        """The newest revision that was seen."""
        self.incarnation = ""
        """That of the store that is followed, which all logs and the position are of."""
        self.seen = SeenEvents()
        """What was read of the newest events, for all logs."""
        self._store = store
        self._prefix = prefix
        self._since = 0
        self._logs: dict[bytes, Log] = {}
        self._everything: Log | None = None
        """Of all kinds together, once a reader has asked for it."""
        self._is_running = False
        self._following: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._moved = asyncio.Event()

    async def run(self) -> None:
        """Follow the store, from the first time that :meth:`begun` is asked. Cancel it."""
        self._is_running = True
        try:
            await self._wanted.wait()
            while True:
                try:
                    await self._begin_anew()
                except Exception:  # noqa: BLE001  # readers go to the store meanwhile
                    _log.exception("the watch cache fails; it begins anew")
                    await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            self._is_running = False
            self._end()

    async def _begin_anew(self) -> None:
        """Follow the store once, until that fails, with nothing from the time before."""
        self._end()
        self._following = asyncio.create_task(self._follow(), name="cache-feed")
        try:
            await asyncio.wait({self._following})
        finally:
            self._following.cancel()
            self._end()
        await self._say_why(self._following)

    async def begun(self, *, within: float) -> bool:
        """Start the feed if it is not, and tell whether it is live after so many seconds."""
        if not self._is_running:
            return False
        self._wanted.set()
        return await self._wait_for(lambda: self.is_live, within)

    async def is_newest(self, *, within: float) -> bool:
        """Tell whether all that the store has now was seen, after so many seconds at most."""
        if not self.proves:
            return False  # Nor will it after a while.
        seen, incarnation = self.position, self.incarnation
        newest = await self._store.revision()
        if newest < seen or self._store.incarnation != incarnation:
            if self._following is not None and self.incarnation == incarnation:
                self._following.cancel()
            return False

        def is_proven() -> bool:
            is_same = self.incarnation == incarnation == self._store.incarnation
            return self.proves and is_same and self.position >= newest

        return await self._wait_for(is_proven, within)

    async def lags(self, *, within: float) -> bool:
        """Tell whether something that the store has now is not seen after so many seconds.

        It is a watch that hangs without an error, and begins anew. Where the feed proves nothing
        this cannot be told, and it is not said. Raises what the store raises.
        """
        incarnation, following = self.incarnation, self._following
        if not (self.is_live and self.proves) or following is None:
            return False
        newest = await self._store.revision()

        def has_come() -> bool:
            return self.incarnation != incarnation or not self.proves or self.position >= newest

        if await self._wait_for(has_come, within):
            return False
        _log.warning("the store's watch says nothing of what was written %.0f s ago", within)
        following.cancel(_HANGS)
        return True

    def log(self, prefix: bytes) -> Log:
        """Return the log of the kind whose keys begin with ``prefix``. The feed must be live."""
        log = self._logs.get(prefix)
        if log is None:
            log = self._logs[prefix] = Log(since=self._since, seen=self.seen)
        return log

    def everything(self) -> Log:
        """Return the log of all kinds together, which begins now. The feed must be live."""
        if self._everything is None:
            self._everything = Log(since=self.position, seen=self.seen)
        return self._everything

    def has_everything_from(self, position: int) -> bool:
        """Tell whether the log of all kinds goes on from a position."""
        return self._everything is not None and position >= self._everything.since

    @property
    def newest_change(self) -> int:
        """The newest revision in the log of all kinds, 0 where there is none."""
        return self._everything.newest if self._everything is not None else 0

    def log_behind(self, position: int, incarnation: str, prefix: bytes = b"") -> Log | None:
        """Return the log of a kind, or else of all, if it goes on from a position of a store.

        ``None`` when it begins later, is of another incarnation, or the feed is not live.
        """
        if not self.is_live or self.incarnation != incarnation:
            return None
        log = self.log(prefix) if prefix else self.everything()
        return log if position >= log.since else None

    async def moved(self, log: Log, position: int) -> None:
        """Wait until something behind ``position`` was seen, or ``log`` has ended."""
        while self.position <= position and not log.is_ended:
            await self._moved.wait()

    async def _follow(self) -> None:
        """Follow the store until that fails."""
        incarnation = self._store.incarnation
        proves = await self._is_alone()
        scope = b"" if proves else self._prefix
        newest = await self._store.revision()
        if self._store.incarnation != incarnation:
            raise base.gone_back()
        self._since, self.position, self.incarnation = newest, newest, incarnation
        self.is_live, self.proves = True, proves
        self._move()
        watch = self._store.watch(scope, after=self.position, progress=True)
        async with aclosing(watch) as found:
            async for revision in found:
                if self.before is not None and self._has_system(revision):
                    await self.before(revision)
                self._take(revision)

    def _has_system(self, revision: Revision) -> bool:
        return any(keys.is_system(self._prefix, event.key) for event in revision.events)

    async def _is_alone(self) -> bool:
        """Tell whether our keys are the only ones, as far as we may look."""
        ours = await self._store.list(self._prefix, limit=1)
        try:
            everything = await self._store.list(b"", limit=1, at=ours.revision)
        except errors.ApiError:
            return False
        return everything.count == ours.count

    def _take(self, revision: Revision) -> None:
        self.position = revision.number
        by_kind: dict[bytes, list[Event]] = {}
        for event in revision.events:
            collection = keys.collection_of(self._prefix, event.key)
            if collection is not None:
                by_kind.setdefault(collection, []).append(event)
        for prefix, events in by_kind.items():
            self.log(prefix).append(Revision(number=revision.number, events=tuple(events)))
        if self._everything is not None and by_kind:
            self._everything.append(revision)
        self._move()

    def _end(self) -> None:
        """Send all readers back to the store. To be done again when it fails halfway."""
        self.is_live = self.proves = False
        for log in self._logs.values():
            log.end()
        if self._everything is not None:
            self._everything.end()
        self._logs, self._everything = {}, None
        self._move()

    def _move(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _wait_for(self, condition: Callable[[], bool], within: float) -> bool:
        if condition():
            return True
        try:
            async with asyncio.timeout(within):
                while not condition():
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    async def _say_why(self, ended: asyncio.Task[None]) -> None:
        """Log why the feed ended, and wait a moment before the next one begins."""
        if ended.cancelled():
            why = "the store has gone back in time"
            try:
                ended.result()
            except asyncio.CancelledError as cancelled:
                why = next(iter(cancelled.args), why)
            _log.warning("the watch cache begins anew: %s", why)
            return
        error = ended.exception()
        if isinstance(error, errors.Expired):
            _log.warning("the watch cache begins anew: %s", error)
            return
        if isinstance(error, errors.ApiError):
            _log.warning("the watch cache begins anew: %s", error)
        else:
            _log.error("the watch cache begins anew", exc_info=error)
        await asyncio.sleep(_PAUSE_SECONDS)
