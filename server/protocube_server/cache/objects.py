"""The objects of one kind as the newest revision has them, framed for a list's answer."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server import turns
from protocube_server.cache import traits
from protocube_server.cache.leaf import Held
from protocube_server.cache.leaves import GrowingLeaves
from protocube_server.cache.traits import Pool
from protocube_server.kinds import splice
from protocube_server.storage import paging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_server.cache.feed import Feed
    from protocube_server.cache.leaves import Leaves
    from protocube_server.cache.log import Log
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record, Revision, Store

ITEM = 0x22
"""The tag of ``items`` in every list message."""

_PAGE = 1000
_MOST_BYTES = 512 * 1024 * 1024
"""A kind whose objects take more is kept without them; one that takes more then is not kept."""
_LABEL = 64
"""Bytes that a label counts where it is not among those of the object."""
_MOST_SNAPSHOTS = 8
_SNAPSHOT_SECONDS = 60.0
_AGAIN_SECONDS = 30.0
"""After a kind could not be read, it is left to the store for so long."""
_AT_ONCE = 32
"""Revisions that are taken from the log before others may have their turn."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The objects of a kind at one revision."""

    revision: int
    incarnation: str
    """That of the store at this revision."""
    leaves: Leaves
    has_items: bool = True
    """Whether the leaves have the objects, not their keys, labels and fields alone."""
    damaged: Mapping[bytes, str]
    """What is not among the leaves, because it cannot be read, and the sentence that says so."""


class Objects:
    """Follows one kind by reading the feed's log at each request.

    :meth:`load_or_leave` brings what is there; until then, and when the log has dropped
    what was not read yet, there is nothing to give. What is at hand moves by whole
    revisions: when anything fails on the way, all is dropped, and loaded anew later.
    """

    def __init__(self, kind: Kind, store: Store, feed: Feed) -> None:
        self.is_wanted = False
        """Whether :meth:`load_or_leave` is to run. Who runs it takes this back."""
        self._kind = kind
        self._store = store
        self._feed = feed
        self._log: Log | None = None
        """What to go on from. While there is none, nothing is at hand: so what changes the
        rest takes it away first, and puts it back last."""
        self._place = 0
        self._incarnation = ""
        self._revision = 0
        """The newest revision that changed the kind, or that it was loaded at."""
        self._leaves = GrowingLeaves()
        self._pool = Pool()
        self._damaged: dict[bytes, str] = {}
        self._are_damaged_shared = False
        """Whether a snapshot has the damaged ones, which must not change then."""
        self._size = 0
        self._has_items = True
        """Whether the objects are kept, not their keys, labels and fields alone."""
        self._retained: OrderedDict[int, Snapshot] = OrderedDict()
        self._not_before = 0.0

    async def newest(self) -> Snapshot | None:
        """Return the objects at the feed's position, ``None`` when they are not at hand."""
        return self._snapshot(self._position) if await self._is_at_hand() else None

    async def at(self, revision: int) -> Snapshot | None:
        """Return the objects as they were at ``revision``, ``None`` when they are not at hand."""
        if await self._is_at_hand() and self._revision <= revision <= self._position:
            return self._snapshot(revision)
        return self._retained.get(revision)

    def retain(self, snapshot: Snapshot) -> None:
        """Keep a snapshot for a while, because the next page of a list will be of it."""
        if snapshot.revision in self._retained:
            return
        while len(self._retained) >= _MOST_SNAPSHOTS:
            self._retained.popitem(last=False)
        self._retained[snapshot.revision] = snapshot
        loop = asyncio.get_running_loop()
        loop.call_later(_SNAPSHOT_SECONDS, self._retained.pop, snapshot.revision, None)

    async def load_or_leave(self) -> None:
        """Read what the store has. Without success it is not tried again for a while."""
        if not self._feed.is_live:
            return
        log, incarnation = self._feed.log(self._kind.prefix()), self._feed.incarnation
        self._forget()
        try:
            revision = await self._read_all()
        except Exception as error:  # noqa: BLE001  # lists will tell what is wrong with it
            self._leave(error)
            return
        if log.is_ended or revision < log.since or self._store.incarnation != incarnation:
            self._forget()  # What came since is not in the log.
            return
        self._revision, self._place = revision, log.place_behind(revision)
        self._incarnation = incarnation
        self._log = log

    def may_load(self) -> bool:
        """Tell whether nothing speaks against loading them now."""
        return asyncio.get_running_loop().time() >= self._not_before

    @property
    def _position(self) -> int:
        """The newest revision that the objects are known to be of."""
        return max(self._revision, self._feed.position)

    async def _read_all(self) -> int:
        # Until all of it is read there is no other attempt.
        self._not_before = asyncio.get_running_loop().time() + _AGAIN_SECONDS
        revision = 0
        async with aclosing(paging.pages(self._store, self._kind.prefix(), limit=_PAGE)) as pages:
            async for page in pages:
                revision = page.revision
                found: list[Held] = []
                with turns.Pace() as pace:
                    for record in page.records:
                        await pace.step()
                        if (held := self._held(record)) is not None:
                            found.append(held)
                self._leaves.extend(found)
                if self._size > _MOST_BYTES and self._has_items:
                    await self._drop_items()
                if self._size > _MOST_BYTES:
                    raise errors.TooLarge(f"they take more than {_MOST_BYTES} bytes")
        self._not_before = 0.0
        return revision

    async def _drop_items(self) -> None:
        """Keep no more of the objects than their keys, and what selectors ask of them."""
        self._has_items = False
        found, self._leaves, self._size = self._leaves.shared(), GrowingLeaves(), 0
        _log.info("of %s no more than labels and fields is kept", self._kind.resource.qualified)
        with turns.Pace() as pace:
            for leaf in found.leaves:
                await pace.step()
                kept = [each._replace(item=b"") for each in leaf.held()]
                self._leaves.extend(kept)
                self._size += sum(map(_weight, kept))

    async def _is_at_hand(self) -> bool:
        """Read the log up to its end. ``False`` when there is nothing to go on from.

        Others have their turn between revisions. Any number of callers can read the same log
        further, and each goes on from where all of them have come to.
        """
        while (log := self._log) is not None and self._has_gone_on(log):
            # From here on nothing is awaited: no revision comes in between.
            if not log.has_behind(self._place):
                return True
            await turns.breath()
        return False

    def _has_gone_on(self, log: Log) -> bool:
        """Take some revisions from the log. ``False`` when there is nothing to go on from."""
        self._log = None
        if not log.has(self._place):
            self._forget()
            return False
        try:
            self._catch_up(log)
        except Exception as error:  # noqa: BLE001  # the store's answer will tell what is wrong
            self._leave(error)
            return False
        self._log = log
        return True

    def _catch_up(self, log: Log) -> None:
        for entry in islice(log.read(self._place), _AT_ONCE):
            self._place += 1
            if entry.revision.number > self._revision:
                self._apply(entry.revision)

    def _apply(self, revision: Revision) -> None:
        self._revision = revision.number
        for event in revision.events:
            if event.record is not None:
                self._put(event.record)
            else:
                self._take_out(event.key)

    def _take_out(self, key: bytes) -> None:
        self._mend(key)
        before = self._leaves.remove(key)
        self._size -= _weight(before)

    def _put(self, record: Record) -> None:
        held = self._held(record)
        if held is None:
            self._size -= _weight(self._leaves.remove(record.key))
            return
        self._mend(record.key)
        self._size -= _weight(self._leaves.put(held))

    def _held(self, record: Record) -> Held | None:
        """Return a record as it is kept, and count it; ``None`` for one that cannot be read."""
        try:
            message, answer = self._kind.opened(record)
        except errors.Damaged as error:
            self._own_damaged()[record.key] = error.message
            return None
        held = Held(
            record.key,
            splice.framed(ITEM, answer) if self._has_items else b"",
            self._pool.labels(traits.labels_of(message.metadata.labels)),
            self._pool.fields(self._kind.selectable.texts(message)),
        )
        self._size += _weight(held)
        return held

    def _mend(self, key: bytes) -> None:
        """Forget that what was there could not be read."""
        if key in self._damaged:
            del self._own_damaged()[key]

    def _own_damaged(self) -> dict[bytes, str]:
        if self._are_damaged_shared:
            self._damaged, self._are_damaged_shared = self._damaged.copy(), False
        return self._damaged

    def _snapshot(self, revision: int) -> Snapshot:
        self._are_damaged_shared = True
        return Snapshot(
            revision=revision,
            incarnation=self._incarnation,
            leaves=self._leaves.shared(),
            has_items=self._has_items,
            damaged=self._damaged,
        )

    def _leave(self, error: Exception) -> None:
        """Drop what is at hand, and do not try again for a while."""
        _log.warning("%s are left to the store: %s", self._kind.resource.qualified, error)
        self._not_before = asyncio.get_running_loop().time() + _AGAIN_SECONDS
        self._forget()

    def _forget(self) -> None:
        self._log = None
        self._leaves, self._pool, self._size = GrowingLeaves(), Pool(), 0
        self._has_items = True
        self._damaged, self._are_damaged_shared = {}, False


def _weight(held: Held | None) -> int:
    """Return the bytes that an object counts, 0 for none."""
    if held is None:
        return 0
    return len(held.item) or len(held.key) + sum(map(len, held.fields)) + _LABEL * len(held.labels)
