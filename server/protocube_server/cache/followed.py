"""Objects of some kinds, kept in memory as the store is: for what is asked at every call."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server import tasks
from protocube_server.storage import base, paging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from protocube_server.cache.cache import Cache
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record, Revision, Store

PATIENCE_SECONDS: Final = 5.0
_PAGE: Final = 500
_PAUSE_SECONDS: Final = 0.2
_TRIES: Final = 5

_LOG = logging.getLogger(__name__)


class Followed(ABC):
    """Follows the objects of some kinds.

    Each object is at a revision here, and never goes back: it comes by the changes of the store,
    and after a write of this server by a look at what was written.
    """

    what: str
    """What the objects are, for the log."""

    def __init__(
        self, store: Store, cache: Cache, kinds: Iterable[Kind | None], *, patience: float
    ) -> None:
        """``patience`` is for how long what cannot be followed any more holds, in seconds.

        A kind that is ``None`` is not followed.
        """
        self._patience = patience
        self._store = store
        self._cache = cache
        self._kinds = {kind.prefix(): kind for kind in kinds if kind is not None}
        self._prefixes = tuple(self._kinds)
        self._messages = {kind.resource.message for kind in self._kinds.values()}
        self._position = 0
        """The revision up to which all changes are known."""
        self._ahead: dict[bytes, int] = {}
        """Keys that were looked at, at revisions beyond the position."""
        self._keys: dict[bytes, Kind] = {}
        """Those of all objects that are known."""
        self._moved = asyncio.Event()
        self._loaded = asyncio.Event()

    @abstractmethod
    def know(self, *, is_current: bool) -> None:
        """Note whether the objects are those of the store, or were a moment ago."""

    @abstractmethod
    def clear(self) -> None:
        """Forget all objects: others are put in before anything else happens."""

    @abstractmethod
    def put(self, kind: Kind, record: Record, message: Any) -> None:
        """Take in an object, in place of what there was under its key."""

    @abstractmethod
    def remove(self, kind: Kind, key: bytes) -> None:
        """Forget an object that was put in."""

    @abstractmethod
    def tell(self) -> None:
        """Hear that objects may have changed; all that did together are in."""

    def follows(self, kind: Kind) -> bool:
        """Tell whether objects of a kind are followed."""
        return kind.resource.message in self._messages

    async def loaded(self) -> None:
        """Wait until the objects are known for the first time."""
        await self._loaded.wait()

    async def run(self) -> None:
        """Follow the store. Cancel it.

        While that fails, what was known holds for a few seconds more; then it is not known.
        """
        loop = asyncio.get_running_loop()
        ending: asyncio.TimerHandle | None = None

        def know() -> None:
            nonlocal ending
            if ending is not None:
                ending.cancel()
                ending = None
            self.know(is_current=True)

        def doubt() -> None:
            self.know(is_current=False)

        async def follow() -> None:
            await tasks.until_one_ends([self._follow(know), self._guard(know, doubt)])

        try:
            while True:
                try:
                    await follow()
                except errors.ApiError as error:
                    _LOG.warning("%s are read again: %s", self.what, error)
                except Exception:  # noqa: BLE001  # nothing may end it for good
                    _LOG.exception("%s are read again", self.what)
                ending = ending or loop.call_later(self._patience, doubt)
                await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            if ending is not None:
                ending.cancel()

    async def _guard(self, know: Callable[[], None], doubt: Callable[[], None]) -> None:
        """Doubt what is known when what was written a while ago does not arrive.

        A watch can hang without an error. Raises ``errors.Unavailable`` then, and when the cache
        has begun anew: what follows would come by a watch that nothing looks after.
        """
        await self._loaded.wait()
        while True:
            await asyncio.sleep(self._patience / 5)
            if await self._lags():
                doubt()
                raise errors.Unavailable("what is written does not arrive")
            if not self._cache.keeps_from(self._position):
                raise errors.Unavailable("the watch cache has begun anew")
            know()

    async def _lags(self) -> bool:
        try:
            async with asyncio.timeout(self._patience * 4 / 5):
                if await self._cache_lags(self._patience * 3 / 5):
                    return True
                newest = self._cache.newest_change
                while self._position < newest:
                    await self._moved.wait()
        except TimeoutError:
            return True
        return False

    async def _cache_lags(self, within: float) -> bool:
        """Ask the cache again and again, while the store cannot say what it has."""
        while True:
            try:
                return await self._cache.lags(within=within)
            except errors.ApiError:
                await asyncio.sleep(_PAUSE_SECONDS)

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

    async def catch_up(self, revision: int) -> None:
        """Wait until all changes up to a revision are known. Raises ``errors.Unavailable``."""
        try:
            async with asyncio.timeout(self._patience):
                while self._position < revision:
                    await self._moved.wait()
        except TimeoutError:
            text = f"{self.what} cannot be followed; try again"
            raise errors.Unavailable(text, retry_after=1) from None

    async def moved(self) -> None:
        """Wait until something may have changed."""
        await self._moved.wait()

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

    async def _follow(self, know: Callable[[], None]) -> None:
        incarnation = self._store.incarnation
        # Nothing of another incarnation counts, however new it was.
        self._position = 0
        self._ahead.clear()
        # Whether a watch hangs can be told of the cache's alone.
        await self._cache.begin()
        at = await self._load()
        if self._store.incarnation != incarnation:
            raise base.gone_back()
        know()
        self._loaded.set()
        changes = self._cache.changes(after=at, incarnation=incarnation)
        async with aclosing(changes) as found:
            async for revision in found:
                self._take(revision)

    def _take(self, revision: Revision) -> None:
        for event in revision.events:
            # Most events are of other kinds, and every one comes by here.
            if not event.key.startswith(self._prefixes):
                continue
            kind = self._kind_of(event.key)
            if kind is not None and revision.number > self._ahead.get(event.key, 0):
                self._put(kind, event.key, event.record)
        self._position = max(self._position, revision.number)
        if self._ahead:
            self._ahead = {key: at for key, at in self._ahead.items() if at > self._position}
        self._tell()

    def _kind_of(self, key: bytes) -> Kind | None:
        for prefix, kind in self._kinds.items():
            if key.startswith(prefix):
                return kind
        return None

    async def _load(self) -> int:
        """Read everything; return the revision that it is of."""
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
        self._position = at
        self._tell()
        return at

    def _put(self, kind: Kind, key: bytes, record: Record | None) -> None:
        message = None
        if record is not None:
            # What cannot be read counts for nothing; the log says which object it is.
            with contextlib.suppress(errors.Damaged):
                message = kind.read(record)
        if record is not None and message is not None:
            self._keys[key] = kind
            self.put(kind, record, message)
        elif self._keys.pop(key, None) is not None:
            self.remove(kind, key)

    def _tell(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        self.tell()
