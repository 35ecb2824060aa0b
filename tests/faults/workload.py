"""Writers that contend for a few keys, and watchers; all they do and see is recorded."""

from __future__ import annotations

import asyncio
import contextlib
import random
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from tests.faults.calling import Caller
from tests.faults.epochs import Epoch
from tests.faults.history import Fate, History, Seen, Stretch, Verb

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from protocube_server.storage.base import Store
    from tests.faults.subjects import State, Subject

_KEYS = 12
_LIST_EVERY = 25
"""One call in so many is a list."""
_RETRY_SECONDS = 0.1


class Workload:
    """One run. Each writer waits ``pause`` seconds between two calls."""

    def __init__(self, *, seed: int, pause: float = 0.0) -> None:
        self.epochs = [Epoch()]
        """One, and one more for each time that the store was put back to a snapshot."""
        self.stop = asyncio.Event()
        self.lagging = asyncio.Event()
        """While it is set, :meth:`lag` does not read."""
        self._chance = random.Random(seed)
        self._pause = pause
        self._caller = Caller(self.history)
        self._news = asyncio.Event()
        """Set by each event that the record or a watcher takes."""
        self._going = asyncio.Event()
        """While it is not set, writers begin no call."""
        self._going.set()
        self._calling = 0
        self._idle = asyncio.Event()
        """Set while no writer waits for an answer."""

    @property
    def history(self) -> History:
        """What happens now is recorded here."""
        return self.epochs[-1].history

    async def write(self, subject: Subject) -> None:
        """Call until :attr:`stop`, each call on a key that others write, too."""
        known: dict[str, State | None] = {}
        while not self.stop.is_set():
            await self._going.wait()
            if self._chance.randrange(_LIST_EVERY) == 0:
                async with self._call():
                    await self._caller.list(subject)
                await self.wait(self._pause)
                continue
            key = f"k{self._chance.randrange(_KEYS):02}"
            before = known.get(key)
            verb = self._chance.choices(
                [
                    Verb.GET,
                    Verb.UPDATE if before else Verb.CREATE,
                    Verb.DELETE if before else Verb.GET,
                ],
                [3, 5, 1],
            )[0]
            try:
                async with self._call():
                    told = await self._caller.call(subject, verb, key, before)
            except errors.Damaged:
                known[key] = None  # It is neither there nor not.
                await self.wait(self._pause)
                continue
            known[key] = told.state
            is_trouble = told.fate in (Fate.FAILED, Fate.UNKNOWN)
            await self.wait(_RETRY_SECONDS if is_trouble else self._pause)

    async def watch(self, subject: Subject, name: str, after: int) -> None:
        """Record all events behind ``after``; over a compaction there is a gap. Cancel it."""
        history, stretch = self._begin(name, after)
        while True:
            try:
                async with aclosing(subject.watch(after=stretch.after)) as watch:
                    async for events in watch:
                        self._take(history, stretch, events)
            except errors.Expired:
                history, stretch = await self._again(subject, name)

    async def lag(self, subject: Subject, name: str, after: int) -> None:
        """Watch in parts: end each at :attr:`lagging`, and go on behind it later. Cancel it.

        Behind a compaction that is ``Expired``, and there is a gap; no event is seen twice.
        """
        history, stretch = self._begin(name, after)
        while True:
            try:
                async with aclosing(subject.watch(after=after)) as watch:
                    async for events in watch:
                        # A revision's events come one by one here: only with the first of
                        # another revision is the one before it known to be whole.
                        if self.lagging.is_set() and events[0].revision > stretch.through + 1:
                            break
                        self._take(history, stretch, events)
                after = stretch.events[-1].revision if stretch.events else after
                while self.lagging.is_set() and not self.stop.is_set():
                    await self.wait(_RETRY_SECONDS)
            except errors.Expired:
                history, stretch = await self._again(subject, name)
                after = stretch.after

    async def record(self, store: Store, prefix: bytes, after: int) -> None:
        """Record the store's own history of ``prefix``. Cancel it.

        Raises ``errors.Expired`` when a part of it is missing.
        """
        while True:
            epoch = self.epochs[-1]
            try:
                async with aclosing(store.watch(prefix, after=after)) as watch:
                    async for revision in watch:
                        for event in revision.events:
                            epoch.take(event.key.removeprefix(prefix).decode(), event)
                        self._news.set()
            except errors.Expired:
                if epoch is self.epochs[-1]:
                    raise
                after = self.epochs[-1].shared

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Let no writer call while the context is open; it opens when all have their answers."""
        self._going.clear()
        try:
            while self._calling:
                self._idle.clear()
                await self._idle.wait()
            yield
        finally:
            self._going.set()

    def put_back(self, shared: int, *, mark: int, final: dict[str, State]) -> None:
        """Begin another epoch: the store is put back to its state at ``shared``.

        The last write before was at ``mark``, at which the state was ``final``. Writers are
        :meth:`held`.
        """
        self.epochs[-1].close(mark, final)
        self.epochs.append(self.epochs[-1].following(shared))
        self._caller.record(self.history)

    async def wait(self, seconds: float) -> None:
        """Wait so long, or until :attr:`stop`."""
        try:
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        except TimeoutError:
            return

    async def mark(self, subject: Subject) -> int:
        """Write what nobody wrote yet, after all writers have ended, and give its revision.

        It is the last change of the run. Only who has seen it has seen everything: the
        newest revision that the record has come to says nothing while the record lags.
        A mark whose outcome is not known is followed by another one.
        """
        while True:
            told = await self._caller.call(subject, Verb.CREATE, self._caller.fresh("mark-"), None)
            if told.fate is Fate.DONE and told.state is not None:
                return told.state.revision
            await pause(_RETRY_SECONDS)

    async def reached(self, mark: int, watchers: Sequence[str], *, patience: float) -> bool:
        """Wait until the record and each of ``watchers`` have seen ``mark``; say whether they have.

        A watcher that began anew behind the mark has nothing more to see.
        """
        try:
            async with asyncio.timeout(patience):
                while self._behind(mark, watchers):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    def finish(self, final: dict[str, State], mark: int) -> None:
        """Cut the history at ``mark``, at which the state was ``final``.

        All watchers must have seen all of it by now.
        """
        self.epochs[-1].close(mark, final)
        for stretch in self.history.last().values():
            stretch.through = max(mark, stretch.after)
        for epoch in self.epochs:
            epoch.cut()

    @contextlib.asynccontextmanager
    async def _call(self) -> AsyncIterator[None]:
        self._calling += 1
        try:
            yield
        finally:
            self._calling -= 1
            if not self._calling:
                self._idle.set()

    def _begin(self, name: str, after: int) -> tuple[History, Stretch]:
        stretch = Stretch(watcher=name, after=after)
        self.history.stretches.append(stretch)
        self._news.set()
        return self.history, stretch

    async def _again(self, subject: Subject, name: str) -> tuple[History, Stretch]:
        """Begin anew behind the newest revision of the store as it is now."""
        while True:
            history = self.history
            after = await self._newest(subject)
            if history is self.history:
                return self._begin(name, after)

    def _take(self, history: History, stretch: Stretch, events: Sequence[Seen]) -> None:
        stretch.events.extend(events)
        if history is self.history:
            # What else is of this revision may still come.
            stretch.through = events[-1].revision - 1
        self._news.set()

    def _behind(self, mark: int, watchers: Sequence[str]) -> bool:
        changes, last = self.history.changes, self.history.last()
        if not changes or changes[-1].seen.revision < mark:
            return True
        return any(
            name not in last
            or (
                last[name].after < mark
                and (not last[name].events or last[name].events[-1].revision < mark)
            )
            for name in watchers
        )

    async def _newest(self, subject: Subject) -> int:
        while True:
            try:
                return await subject.newest()
            except errors.ApiError:
                await pause(_RETRY_SECONDS)


async def pause(seconds: float) -> None:
    """Wait between two tries, also when the run has been stopped."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()
