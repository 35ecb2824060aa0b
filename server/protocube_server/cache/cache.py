"""The cache of a server: watches from one feed, and lists from memory."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.cache.changes import Changes
from protocube_server.cache.feed import Feed
from protocube_server.cache.marks import Marks
from protocube_server.cache.objects import Objects, Snapshot
from protocube_server.cache.watching import Watcher

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from protocube_server.cache.seen import SeenEvents
    from protocube_server.cache.selection import Selection
    from protocube_server.kinds.edition import Edition, Editions
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Revision, Store

_BEGIN_SECONDS = 1.0
_PROOF_SECONDS = 0.25
"""A list waits no longer for the feed to reach the store: then the store answers."""

_log = logging.getLogger(__name__)


class Cache:
    """What many readers of a store share.

    ``prefix`` is what our keys begin with (``keys.root``), ``editions`` names the kinds. It is
    of use while :meth:`run` runs, and harmless without.
    """

    def __init__(self, store: Store, prefix: bytes, editions: Editions) -> None:
        self._store = store
        self._prefix = prefix
        self._feed = Feed(store, prefix)
        self._incarnation = ""
        """That of the store that all objects are of."""
        self._objects: dict[Kind, Objects] = {}
        """By the kind itself: what replaces it may read the same bytes otherwise."""
        self._editions = editions
        editions.follow(self._forget_replaced)
        self._wanted: asyncio.Queue[Objects] = asyncio.Queue()

    def order(self, before: Callable[[Revision], Awaitable[None]]) -> None:
        """Await ``before`` for each revision with entries of the server's own, before it counts."""
        self._feed.before = before

    async def run(self) -> None:
        """Follow the store and load what is asked for. Cancel it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._feed.run(), name="cache-feed")
            group.create_task(self._load(), name="cache-load")

    def watch(
        self,
        selection: Selection,
        *,
        after: int,
        incarnation: str,
        progress: float | None,
        end: float | None = None,
    ) -> AsyncGenerator[bytes, None]:
        """Return watch responses from revision ``after`` (exclusive) of an incarnation on.

        Each holds whole revisions, one or more. With ``progress``, in seconds, there
        are marks in between, no more often than that, and before ``end``, in the time of
        the event loop. Ends and raises as :meth:`base.Store.watch` does.
        """
        watcher = Watcher(
            self._store,
            self._feed,
            selection,
            after=after,
            incarnation=incarnation,
            marks=Marks(progress, end),
        )
        return watcher.responses()

    def changes(self, *, after: int, incarnation: str) -> AsyncGenerator[Revision, None]:
        """Return what happens to objects of all kinds from revision ``after`` (exclusive) on.

        The server's own entries may be among it. Ends and raises as :meth:`base.Store.watch`
        does.
        """
        changes = Changes(
            self._store, self._feed, self._prefix, after=after, incarnation=incarnation
        )
        return changes.revisions()

    @property
    def seen(self) -> SeenEvents:
        """What was read of the newest events."""
        return self._feed.seen

    @property
    def newest_change(self) -> int:
        """The newest revision that a watch can send from memory, 0 for none.

        Readers of :meth:`changes` come to it, too. It is known only while there are some.
        """
        return self._feed.newest_change

    async def begin(self) -> None:
        """Follow the store from now on, if that can be, and keep what happens for readers."""
        if await self._feed.begun(within=_BEGIN_SECONDS):
            self._feed.everything()

    def keeps_from(self, position: int) -> bool:
        """Tell whether all that happens behind a revision comes by what is shared.

        It is said of a cache that does not follow the store, too: readers go there then.
        """
        return not self._feed.is_live or self._feed.has_everything_from(position)

    async def lags(self, *, within: float) -> bool:
        """Tell whether something that the store has now is not seen after so many seconds.

        Where that cannot be told it is not said. Raises what the store raises.
        """
        return await self._feed.lags(within=within)

    async def newest(self, kind: Kind) -> Snapshot | None:
        """Return the objects of a kind at a revision that is not older than this call.

        ``None`` when they are not at hand, or not known to be the newest: the store has
        them, and the next time the cache may.
        """
        if not await self._feed.begun(within=_BEGIN_SECONDS):
            return None
        if not await self._feed.is_newest(within=_PROOF_SECONDS):
            return None
        objects = self._of(kind)
        snapshot = await objects.newest()
        if snapshot is None and not objects.is_wanted and objects.may_load():
            objects.is_wanted = True
            self._wanted.put_nowait(objects)
        return snapshot

    async def loaded(self) -> None:
        """Wait until all kinds are loaded that were asked for."""
        await self._wanted.join()

    async def at(self, kind: Kind, revision: int) -> Snapshot | None:
        """Return the objects of a kind as they were at ``revision``, if they are at hand.

        ``None``, too, when the store has no such revision any more, or cannot be asked.
        """
        if await self._of(kind).at(revision) is None:
            return None
        try:
            # It may have compacted it, or gone back in time. No object lies there.
            await self._store.list(kind.prefix() + b"\0", limit=1, at=revision)
        except errors.ApiError:
            return None
        return await self._of(kind).at(revision)

    def retain(self, kind: Kind, snapshot: Snapshot) -> None:
        """Keep a snapshot at hand for a while."""
        objects = self._of(kind)
        if snapshot.incarnation == self._incarnation:
            objects.retain(snapshot)

    def _of(self, kind: Kind) -> Objects:
        if self._store.incarnation != self._incarnation:
            self._incarnation, self._objects = self._store.incarnation, {}
        objects = self._objects.get(kind)
        if objects is None:
            objects = Objects(kind, self._store, self._feed)
            if self._editions.current.kinds.has(kind):
                self._objects[kind] = objects
        return objects

    async def _forget_replaced(self, edition: Edition) -> None:
        """Let go of the objects of kinds that are no longer served."""
        for kind in [kind for kind in self._objects if not edition.kinds.has(kind)]:
            del self._objects[kind]

    async def _load(self) -> None:
        """Load one kind after the other. No call waits for it."""
        while True:
            objects = await self._wanted.get()
            objects.is_wanted = False
            try:
                await objects.load_or_leave()
            except Exception:  # noqa: BLE001  # the store answers without them
                _log.exception("the objects of a kind could not be loaded")
            finally:
                self._wanted.task_done()
