"""What is known of the store as long as its changes come, for what is asked at every call."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube_server import tasks
from protocube_server.storage import base

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube_server.cache.cache import Cache
    from protocube_server.storage.base import Revision, Store

PATIENCE_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.2
"""Before what failed is begun anew."""

_LOG = logging.getLogger(__name__)


class StoreFollower(ABC):
    """Reads something, and follows its changes. What it knows is doubted when they stop coming."""

    what: str
    """What is followed, for the log: a plural."""

    def __init__(self, store: Store, cache: Cache, *, patience: float) -> None:
        """``patience`` is for how long what cannot be followed any more holds, in seconds."""
        self._patience = patience
        self._store = store
        self._cache = cache
        self._position = 0
        """The revision up to which all changes are known."""
        self._moved = asyncio.Event()
        self._loaded = asyncio.Event()

    @abstractmethod
    def know(self, *, is_current: bool) -> None:
        """Note whether what is known is the store's, or was a moment ago."""

    @abstractmethod
    async def load(self) -> int:
        """Read everything, and forget what was known; return the revision that it is of.

        Nothing of the time before counts, however new it was: the store may be another one.
        """

    @abstractmethod
    def take(self, revision: Revision) -> None:
        """Take in what has happened at a revision."""

    async def loaded(self) -> None:
        """Wait until everything is known for the first time."""
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

    def _move(self, position: int = 0) -> None:
        """Wake what waits: something may have changed, up to ``position`` at least."""
        self._position = max(self._position, position)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _follow(self, know: Callable[[], None]) -> None:
        incarnation = self._store.incarnation
        self._position = 0
        # Whether a watch hangs can be told of the cache's alone.
        await self._cache.begin()
        at = await self.load()
        if self._store.incarnation != incarnation:
            raise base.gone_back()
        self._move(at)
        know()
        self._loaded.set()
        changes = self._cache.changes(after=at, incarnation=incarnation)
        async with aclosing(changes) as found:
            async for revision in found:
                self.take(revision)
                self._move(revision.number)
