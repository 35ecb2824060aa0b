"""A store in memory that can do at any await what a real one does now and then.

Several :class:`SimulatedStore` share one :class:`World`, as servers share one etcd.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

from protocube import errors
from protocube_server.storage import base, limits
from tests.simulation.history import History

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

_T = TypeVar("_T")


class Weather(Protocol):
    """What happens on the way to a store and back. Raises what the caller is to get."""

    async def before(self, what: str) -> None:
        """Called before the store does what it was asked for."""
        ...

    async def after(self, what: str) -> None:
        """Called when the store has done it, before its caller hears of it."""
        ...


class Calm:
    """Nothing happens, but that others get their turn."""

    async def before(self, what: str) -> None:  # noqa: ARG002  # of the protocol
        """Let others run."""
        await asyncio.sleep(0)

    async def after(self, what: str) -> None:
        """Do nothing."""


class World:
    """One store as all its servers have it: a history, which may be replaced by an older one."""

    def __init__(self) -> None:
        self.history = History()
        self.epoch = 0
        """How often the history was replaced."""
        self.pasts: list[History] = []
        """What each earlier epoch came to."""
        self.replaced_at: list[float] = []
        """When each of them ended, on the clock of ``time.monotonic``."""
        self._moved = asyncio.Event()
        self._scripts: list[_Script] = []
        self._list_scripts: list[_Script] = []

    def backup(self) -> History:
        """Return what :meth:`restore` takes."""
        return self.history.copy()

    def restore(self, backup: History) -> None:
        """Go back in time. Calls in flight are cut off."""
        self.pasts.append(self.history)
        self.replaced_at.append(time.monotonic())
        self.epoch += 1
        self.history = backup.copy()
        self.history.shares = backup.shares | {backup.epoch: backup.revision}
        self.history.epoch = self.epoch
        self.move()

    def damage(self, key: bytes, value: bytes) -> None:
        """Write ``value``, whatever it is, past all servers."""
        self.write(base.Put(key=key, value=value))

    def write(self, *writes: base.Write) -> None:
        """Write past all servers, in one revision."""
        self.history.write(writes)
        self.move()

    def compact(self, revision: int) -> None:
        """Forget history past all servers."""
        self.history.compact(revision)
        self.move()

    def before_write(self, key: bytes, deed: Callable[[], object], *, nth: int = 1) -> None:
        """Do ``deed`` right before the ``nth`` write of ``key`` from now on reaches the store.

        It may raise what the writer is to get; then the write does not happen.
        """
        self._scripts.append(_Script(key, deed, nth))

    def before_list(self, prefix: bytes, deed: Callable[[], object], *, nth: int = 1) -> None:
        """Do ``deed`` right before the ``nth`` list of ``prefix`` from now on.

        It may raise what the reader is to get.
        """
        self._list_scripts.append(_Script(prefix, deed, nth))

    def play(self, batch: Sequence[base.Write]) -> None:
        """Do what the scripts say of the writes of ``batch``."""
        for part in batch:
            for write in part.writes if isinstance(part, base.Set) else (part,):
                _play(self._scripts, write.key)

    def play_list(self, prefix: bytes) -> None:
        """Do what the scripts say of a list."""
        _play(self._list_scripts, prefix)

    def move(self) -> None:
        """Wake the watches."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def moved(self, within: float | None) -> None:
        """Wait until something happened, at most so many seconds."""
        news = self._moved
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await news.wait()


class _Script:
    def __init__(self, key: bytes, deed: Callable[[], object], nth: int) -> None:
        self.deed = deed
        self._key, self._left = key, nth

    def is_due(self, key: bytes) -> bool:
        self._left -= key == self._key
        return self._left == 0


def _play(scripts: list[_Script], key: bytes) -> None:
    for script in tuple(scripts):
        if script.is_due(key):
            scripts.remove(script)
            script.deed()


class SimulatedStore(base.Store):
    """One server's way to a :class:`World`, in a weather of its own."""

    def __init__(
        self, world: World, weather: Weather | None = None, *, progress_interval: float = 1.0
    ) -> None:
        self._world = world
        self._weather: Weather = weather or Calm()
        self._progress_interval = progress_interval
        self._epoch = world.epoch
        self._is_closed = False

    @property
    def incarnation(self) -> str:
        """See :meth:`base.Store.incarnation`."""
        return str(self._epoch)

    async def get(self, key: bytes) -> base.Record | None:
        """See :meth:`base.Store.get`."""
        return await self._ask("get", lambda history: history.get(key))

    async def list(
        self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0
    ) -> base.Page:
        """See :meth:`base.Store.list`."""

        def page(_: History) -> base.Page:
            self._world.play_list(prefix)
            return self._world.history.page(prefix, start=start, limit=limit, at=at)

        return await self._ask("list", page)

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """See :meth:`base.Store.write`."""
        limits.check(batch)

        def write(_: History) -> Sequence[base.Outcome]:
            self._world.play(batch)
            outcomes = self._world.history.write(batch)  # A script may have replaced it.
            self._world.move()
            return outcomes

        return await self._ask("write", write)

    async def watch(
        self, prefix: bytes, *, after: int, progress: bool = False
    ) -> AsyncGenerator[base.Revision, None]:
        """See :meth:`base.Store.watch`."""
        epoch, position, marked = self._epoch, after, -1
        now = asyncio.get_running_loop().time
        mark_at = now()
        while True:
            await self._weather.before("watch")
            self._check(epoch)
            history = self._world.history
            newest = history.revision
            for revision in tuple(history.behind(position, prefix)):
                position = revision.number
                yield revision
                self._check(epoch)
            position = max(position, newest)
            if progress and position > marked and now() >= mark_at and position <= newest:
                marked, mark_at = position, now() + self._progress_interval
                yield base.Revision(number=position, events=())
            elif self._world.history.revision <= newest and not self._is_stale(epoch):
                await self._world.moved(self._progress_interval if progress else None)

    async def revision(self) -> int:
        """See :meth:`base.Store.revision`."""
        return await self._ask("revision", lambda history: history.revision)

    async def compact(self, revision: int) -> None:
        """See :meth:`base.Store.compact`."""
        await self._ask("compact", lambda history: history.compact(revision))
        self._world.move()

    async def close(self) -> None:
        """See :meth:`base.Store.close`."""
        self._is_closed = True
        self._world.move()

    async def _ask(self, what: str, work: Callable[[History], _T]) -> _T:
        """Let the store do ``work`` at one moment between the question and its answer."""
        if self._is_closed:
            raise base.closed()
        await self._weather.before(what)
        if self._is_closed:
            raise base.closed()
        epoch = self._world.epoch
        done = work(self._world.history)
        await self._weather.after(what)
        if self._world.epoch != epoch:
            # Who goes back in time is restarted, and its connections end.
            message = "the store was lost before its answer came"
            kind = errors.OutcomeUnknown if what == "write" else errors.Unavailable
            raise kind(message)
        if self._epoch != epoch:
            self._epoch = epoch
        return done

    def _is_stale(self, epoch: int) -> bool:
        return self._is_closed or self._world.epoch != epoch

    def _check(self, epoch: int) -> None:
        if self._is_closed:
            raise base.closed()
        if self._world.epoch != epoch:
            self._epoch = self._world.epoch
            raise base.gone_back()
