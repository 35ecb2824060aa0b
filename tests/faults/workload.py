"""Writers that contend for a few keys, and watchers; all they do and see is recorded."""

from __future__ import annotations

import asyncio
import contextlib
import random
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from tests.faults.calling import Caller
from tests.faults.history import Change, Fate, History, Seen, Stretch, Verb
from tests.faults.subjects import State, Subject, token_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.storage.base import Store

_KEYS = 12
_LIST_EVERY = 25
"""One call in so many is a list."""
_RETRY_SECONDS = 0.1


class Workload:
    """One run. Each writer waits ``pause`` seconds between two calls."""

    def __init__(self, *, seed: int, pause: float = 0.0) -> None:
        self.history = History()
        self.stop = asyncio.Event()
        self.lagging = asyncio.Event()
        """While it is set, :meth:`lag` does not read."""
        self._chance = random.Random(seed)
        self._pause = pause
        self._caller = Caller(self.history)
        self._news = asyncio.Event()
        """Set by each event that the record or a watcher takes."""

    async def write(self, subject: Subject) -> None:
        """Call until :attr:`stop`, each call on a key that others write, too."""
        known: dict[str, State | None] = {}
        while not self.stop.is_set():
            if self._chance.randrange(_LIST_EVERY) == 0:
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
            told = await self._caller.call(subject, verb, key, before)
            known[key] = told.state
            is_trouble = told.fate in (Fate.FAILED, Fate.UNKNOWN)
            await self.wait(_RETRY_SECONDS if is_trouble else self._pause)

    async def watch(self, subject: Subject, name: str, after: int) -> None:
        """Record all events behind ``after``; over a compaction there is a gap. Cancel it."""
        while True:
            stretch = Stretch(watcher=name, after=after)
            self.history.stretches.append(stretch)
            self._news.set()
            try:
                async with aclosing(subject.watch(after=after)) as watch:
                    async for events in watch:
                        self._take(stretch, events)
            except errors.Expired:
                after = await self._newest(subject)

    async def lag(self, subject: Subject, name: str, after: int) -> None:
        """Watch in parts: end each at :attr:`lagging`, and go on behind it later. Cancel it.

        Behind a compaction that is ``Expired``, and there is a gap; no event is seen twice.
        """
        stretch = Stretch(watcher=name, after=after)
        self.history.stretches.append(stretch)
        while True:
            try:
                async with aclosing(subject.watch(after=after)) as watch:
                    async for events in watch:
                        # A revision's events come one by one here: only with the first of
                        # another revision is the one before it known to be whole.
                        if self.lagging.is_set() and events[0].revision > stretch.through + 1:
                            break
                        self._take(stretch, events)
                after = stretch.events[-1].revision if stretch.events else after
                while self.lagging.is_set() and not self.stop.is_set():
                    await self.wait(_RETRY_SECONDS)
            except errors.Expired:
                after = await self._newest(subject)
                stretch = Stretch(watcher=name, after=after)
                self.history.stretches.append(stretch)
                self._news.set()

    async def record(self, store: Store, prefix: bytes, after: int) -> None:
        """Record the store's own history of ``prefix``. Cancel it."""
        async with aclosing(store.watch(prefix, after=after)) as watch:
            async for revision in watch:
                for event in revision.events:
                    record = event.record
                    self.history.changes.append(
                        Change(
                            seen=Seen(
                                revision=event.revision,
                                key=event.key.removeprefix(prefix).decode(),
                                token=token_of(record.value) if record else None,
                            ),
                            version=record.version if record else 0,
                            previous=event.previous.mod_revision if event.previous else 0,
                        )
                    )
                self._news.set()

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
            await _pause(_RETRY_SECONDS)

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

        A write of unknown outcome may happen even later; it is none of this history's.
        """
        history = self.history
        history.final = {key: (state.token, state.revision) for key, state in final.items()}
        history.changes = [each for each in history.changes if each.seen.revision <= mark]
        for stretch in {stretch.watcher: stretch for stretch in history.stretches}.values():
            stretch.through = max(mark, stretch.after)

    def _take(self, stretch: Stretch, events: Sequence[Seen]) -> None:
        stretch.events.extend(events)
        # What else is of this revision may still come.
        stretch.through = events[-1].revision - 1
        self._news.set()

    def _behind(self, mark: int, watchers: Sequence[str]) -> bool:
        changes = self.history.changes
        if not changes or changes[-1].seen.revision < mark:
            return True
        last = {stretch.watcher: stretch for stretch in self.history.stretches}
        return any(
            last[name].after < mark
            and (not last[name].events or last[name].events[-1].revision < mark)
            for name in watchers
        )

    async def _newest(self, subject: Subject) -> int:
        while True:
            try:
                return await subject.newest()
            except errors.ApiError:
                await _pause(_RETRY_SECONDS)


async def _pause(seconds: float) -> None:
    """Wait between two tries, also when the run has been stopped."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()
