"""Objects of some kinds, kept in memory as the store is: for what is asked at every call."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.cache.store_follower import StoreFollower
from protocube_server.storage import paging

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protocube_server.cache.cache import Cache
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record, Revision, Store

_PAGE: Final = 500
_TRIES: Final = 5


class Followed(StoreFollower):
    """Follows the objects of some kinds.

    Each object is at a revision here, and never goes back: it comes by the changes of the store,
    and after a write of this server by a look at what was written.
    """

    def __init__(
        self, store: Store, cache: Cache, kinds: Iterable[Kind | None], *, patience: float
    ) -> None:
        """``patience`` is for how long what cannot be followed any more holds, in seconds.

        A kind that is ``None`` is not followed.
        """
        super().__init__(store, cache, patience=patience)
        self._kinds = {kind.prefix(): kind for kind in kinds if kind is not None}
        self._prefixes = tuple(self._kinds)
        self._messages = {kind.resource.message for kind in self._kinds.values()}
        self._ahead: dict[bytes, int] = {}
        """Keys that were looked at, at revisions beyond the position."""
        self._keys: dict[bytes, Kind] = {}
        """Those of all objects that are known."""

    @abstractmethod
    def clear(self) -> None:
        """Forget all objects: others are put in before anything else happens."""

    @abstractmethod
    def put(self, kind: Kind, record: Record, message: Any) -> None:
        """Take in an object, in place of what there was under its key."""

    @abstractmethod
    def remove(self, kind: Kind, key: bytes) -> None:
        """Forget an object that was put in."""

    def miss(self, kind: Kind, key: bytes, fault: errors.ApiError | None) -> None:
        """Hear why the object under a key cannot be read; ``None`` when it can, or is gone."""

    @abstractmethod
    def tell(self) -> None:
        """Hear that objects may have changed; all that did together are in."""

    def follows(self, kind: Kind) -> bool:
        """Tell whether objects of a kind are followed."""
        return kind.resource.message in self._messages

    async def look(self, kind: Kind, namespace: str, name: str) -> None:
        """Take in what was written just now: one object, or without a name any number of them."""
        # When it fails, the write has happened all the same: its change comes later.
        with contextlib.suppress(errors.ApiError):
            if name:
                key = kind.key(namespace, name)
                at = await self._store.revision()
                self._see(kind, {key: await self._store.get(key)}, at)
            else:
                await self._look_at_all(kind, namespace)
            self._tell()

    def see(self, kind: Kind, record: Record) -> None:
        """Take in an object that this server has written, as it was written."""
        self._see(kind, {record.key: record}, record.mod_revision)
        self._tell()

    async def _look_at_all(self, kind: Kind, namespace: str) -> None:
        prefix = kind.prefix(namespace)
        gone: dict[bytes, Record | None] = {
            key: None for key in self._keys if key.startswith(prefix)
        }
        at = 0
        async with aclosing(paging.pages(self._store, prefix, limit=_PAGE)) as read:
            async for page in read:
                at = page.revision
                found: dict[bytes, Record | None] = {each.key: each for each in page.records}
                self._see(kind, found, at)
                gone = {key: None for key in gone if key not in found}
        self._see(kind, gone, at)

    def _see(self, kind: Kind, found: Mapping[bytes, Record | None], at: int) -> None:
        """Take in what a store had at a revision, of what is not known to be newer."""
        for key, record in found.items():
            if at > self._position and at >= self._ahead.get(key, 0):
                self._ahead[key] = at
                self._put(kind, key, record)

    def take(self, revision: Revision) -> None:
        """See :class:`StoreFollower`."""
        for event in revision.events:
            # Most events are of other kinds, and every one comes by here.
            if not event.key.startswith(self._prefixes):
                continue
            kind = self._kind_of(event.key)
            if kind is not None and revision.number > self._ahead.get(event.key, 0):
                self._put(kind, event.key, event.record)
        if self._ahead:
            self._ahead = {key: at for key, at in self._ahead.items() if at > revision.number}
        self.tell()

    def _kind_of(self, key: bytes) -> Kind | None:
        for prefix, kind in self._kinds.items():
            if key.startswith(prefix):
                return kind
        return None

    async def load(self) -> int:
        """See :class:`StoreFollower`."""
        self._ahead.clear()
        for _ in range(_TRIES):
            found: list[tuple[Kind, Record]] = []
            at = 0
            for kind in self._kinds.values():
                pages = paging.pages(self._store, kind.prefix(), limit=_PAGE, at=at)
                async with aclosing(pages) as read:
                    async for page in read:
                        at = page.revision
                        found += [(kind, record) for record in page.records]
            at = at or await self._store.revision()
            if at >= max(self._ahead.values(), default=0):
                break
        else:
            raise errors.Unavailable(f"{self.what} change too fast to be read")
        # From here on nothing is awaited: nobody sees a half of it.
        self.clear()
        self._keys.clear()
        self._ahead.clear()
        for kind, record in found:
            self._put(kind, record.key, record)
        self.tell()
        return at

    def _put(self, kind: Kind, key: bytes, record: Record | None) -> None:
        message = fault = None
        if record is not None:
            # What cannot be read is not put in; the log says which object it is.
            try:
                message = kind.read(record)
            except errors.Damaged as error:
                fault = error
        self.miss(kind, key, fault)
        if record is not None and message is not None:
            self._keys[key] = kind
            self.put(kind, record, message)
        elif self._keys.pop(key, None) is not None:
            self.remove(kind, key)

    def _tell(self) -> None:
        self._move()
        self.tell()
