"""The objects that tokens name, as the store has them: a token ends with any of them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from protocube import errors
from protocube_server.cache.store_follower import PATIENCE_SECONDS, StoreFollower

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube_server.cache import Cache
    from protocube_server.kinds.edition import Editions
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record, Revision, Store

ACCOUNT: Final = "protocube.core.v1.ServiceAccount"
BOUND: Final = {
    "secret": "protocube.core.v1.Secret",
    "pod": "protocube.core.v1.Pod",
    "node": "protocube.core.v1.Node",
}
"""The messages of what tokens are bound to, by the names that claims have for it."""

_MESSAGES: Final = frozenset({ACCOUNT, *BOUND.values()})

_LEEWAY_SECONDS: Final = 60.0
"""So long after its deletion began an object still counts; Kubernetes' number."""


class LiveObject:
    """What matters of one object; it is kept up to date as long as somebody holds it."""

    __slots__ = ("__weakref__", "at", "ends", "is_known", "kind", "uid")

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.uid = ""
        """Empty when there is no such object."""
        self.ends = float("inf")
        """When it counts as gone because it is being deleted, in seconds since 1970."""
        self.at = 0
        """The revision up to which its changes are known."""
        self.is_known = False

    def proves(self, uid: str, now: float) -> bool:
        """Tell whether the object with this uid is there."""
        return self.is_known and self.uid == uid and now <= self.ends

    def take(self, record: Record | None) -> None:
        """Take in what the store has."""
        self.uid, self.ends = "", float("inf")
        if record is None:
            return
        # What cannot be read proves nothing; the log says which object it is.
        with contextlib.suppress(errors.Damaged):
            metadata = self.kind.read(record).metadata
            if metadata.HasField("deletion_timestamp"):
                self.ends = metadata.deletion_timestamp.seconds + _LEEWAY_SECONDS
            self.uid = metadata.uid


class LiveObjects(StoreFollower):
    """Keeps the objects that proven tokens rest on as the store has them."""

    what = "the objects that tokens name"

    def __init__(
        self,
        store: Store,
        cache: Cache,
        editions: Editions,
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """``patience`` is for how long objects count that cannot be followed, in seconds."""
        super().__init__(store, cache, patience=patience)
        self._editions = editions
        self._objects: WeakValueDictionary[bytes, LiveObject] = WeakValueDictionary()
        self._follows = False
        self.changed: Callable[[], None] = _nothing
        """Called when a token may have ended."""

    async def find(self, message: str, namespace: str, name: str) -> LiveObject | None:
        """Return an object by the name of its message; ``None`` where no such kind is served.

        Raises as a store does.
        """
        kind = self._editions.current.kinds.for_message(message)
        if kind is None:
            return None
        # A name that a token says has not been checked: it may be no name at all.
        try:
            key = kind.key(namespace if kind.resource.namespaced else "", name)
        except errors.ApiError:
            return None
        found = self._objects.get(key)
        if found is None:
            found = self._objects[key] = LiveObject(kind)
        if not found.is_known:
            await self._read(key, found)
        return found

    def follows(self, kind: Kind) -> bool:
        """Tell whether tokens can name objects of a kind."""
        return kind.resource.message in _MESSAGES

    async def look(self, kind: Kind, namespace: str, name: str) -> None:
        """Take in what was written just now: one object, or without a name any number of them."""
        # When it fails, the write has happened all the same: its change comes later.
        with contextlib.suppress(errors.ApiError):
            if name:
                key = kind.key(namespace, name)
                found = self._objects.get(key)
                concerned = [(key, found)] if found is not None else []
            else:
                prefix = kind.prefix(namespace)
                concerned = [each for each in self._objects.items() if each[0].startswith(prefix)]
            for key, found in concerned:
                await self._read(key, found)
            if concerned:
                self.changed()

    def know(self, *, is_current: bool) -> None:
        """See :class:`StoreFollower`."""
        if is_current or not self._follows:
            return
        self._follows = False
        for found in list(self._objects.values()):
            found.is_known = False
        self.changed()

    async def load(self) -> int:
        """See :class:`StoreFollower`."""
        at = await self._store.revision()
        self._follows = True
        for key, found in list(self._objects.items()):
            found.at = 0
            await self._read(key, found)
        self.changed()
        return at

    def take(self, revision: Revision) -> None:
        """See :class:`StoreFollower`."""
        is_changed = False
        for event in revision.events:
            found = self._objects.get(event.key)
            if found is not None and revision.number > found.at:
                found.take(event.record)
                found.at = revision.number
                is_changed = True
        if is_changed:
            self.changed()

    async def _read(self, key: bytes, found: LiveObject) -> None:
        at = await self._store.revision()
        record = await self._store.get(key)
        if at >= found.at:
            found.take(record)
            # Changes that led to what was read come later, and count no more.
            found.at = max(at, record.mod_revision if record is not None else 0)
        found.is_known = self._follows


def _nothing() -> None:
    return None
