"""Writers that contend for a few keys, and watchers; all they do and see is recorded."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from tests.faults.history import Call, Change, Fate, History, Seen, Stretch, Verb
from tests.faults.subjects import Refused, State, Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.storage.base import Store

_KEYS = 12


class Workload:
    """One run. Each writer waits ``pause`` seconds between two calls."""

    def __init__(self, *, seed: int, pause: float = 0.0) -> None:
        self.history = History()
        self.stop = asyncio.Event()
        self.lagging = asyncio.Event()
        """While it is set, :meth:`lag` does not read."""
        self._chance = random.Random(seed)
        self._pause = pause
        self._numbers = iter(range(1 << 62))

    async def write(self, subject: Subject) -> None:
        """Call until :attr:`stop`, each call on a key that others write, too."""
        known: dict[str, State | None] = {}
        while not self.stop.is_set():
            key = f"k{self._chance.randrange(_KEYS):02}"
            known[key] = await self._call(subject, key, known.get(key))
            await self.wait(self._pause)

    async def watch(self, subject: Subject, name: str, after: int) -> None:
        """Record all events behind ``after``; over a compaction there is a gap. Cancel it."""
        while True:
            stretch = Stretch(watcher=name, after=after)
            self.history.stretches.append(stretch)
            try:
                async with aclosing(subject.watch(after=after)) as watch:
                    async for events in watch:
                        stretch.events.extend(events)
                        # What else is of this revision may still come.
                        stretch.through = events[-1].revision - 1
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
                        stretch.events.extend(events)
                        stretch.through = events[-1].revision - 1
                after = stretch.events[-1].revision if stretch.events else after
                while self.lagging.is_set() and not self.stop.is_set():
                    await self.wait(0.1)
            except errors.Expired:
                after = await self._newest(subject)
                stretch = Stretch(watcher=name, after=after)
                self.history.stretches.append(stretch)

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

    async def wait(self, seconds: float) -> None:
        """Wait so long, or until :attr:`stop`."""
        try:
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        except TimeoutError:
            return

    async def caught_up(self, newest: int, watchers: Sequence[str]) -> bool:
        """Say whether the record and each of ``watchers`` have reached revision ``newest``."""
        changes = self.history.changes
        if not changes or changes[-1].seen.revision < newest:
            return False
        for name in watchers:
            last = [each for each in self.history.stretches if each.watcher == name][-1]
            if last.after < newest and (not last.events or last.events[-1].revision < newest):
                return False
        return True

    def finish(self, final: dict[str, tuple[str, int]], newest: int) -> None:
        """Add the state at the end, up to which the last stretch of each watcher reaches."""
        self.history.final = final
        last = {stretch.watcher: stretch for stretch in self.history.stretches}
        for stretch in last.values():
            stretch.through = max(newest, stretch.after)

    async def _call(self, subject: Subject, key: str, known: State | None) -> State | None:
        verb = self._chance.choices(
            [Verb.GET, Verb.UPDATE if known else Verb.CREATE, Verb.DELETE if known else Verb.GET],
            [3, 5, 1],
        )[0]
        token = f"t{next(self._numbers)}"
        expected = known.revision if known else 0
        fate, revision, state = Fate.DONE, 0, known
        begun = time.monotonic()
        try:
            if verb is Verb.GET:
                state = await subject.get(key)
                revision = state.revision if state else 0
            elif verb is Verb.CREATE:
                revision = await subject.create(key, token)
                state = State(token=token, revision=revision)
            elif verb is Verb.UPDATE:
                revision = await subject.update(key, token, expected=expected)
                state = State(token=token, revision=revision)
            else:
                revision = await subject.delete(key, expected=expected)
                state = None
        except Refused:
            fate, state = Fate.REFUSED, await self._look(subject, key)
        except (errors.OutcomeUnknown, errors.Timeout):
            fate, state = Fate.UNKNOWN, None
        except (errors.Unavailable, errors.TooManyRequests):
            fate = Fate.FAILED
        ended = time.monotonic()
        if verb is Verb.GET and fate is not Fate.DONE:
            fate = Fate.UNKNOWN  # It told nothing.
        self.history.calls.append(
            Call(
                verb=verb,
                key=key,
                begun=begun,
                ended=ended,
                fate=fate,
                token=token if verb in (Verb.CREATE, Verb.UPDATE) else "",
                expected=expected,
                revision=revision,
            )
        )
        if fate in (Fate.FAILED, Fate.UNKNOWN):
            await self.wait(0.1)
        return state

    async def _look(self, subject: Subject, key: str) -> State | None:
        try:
            return await subject.get(key)
        except errors.ApiError:
            return None

    async def _newest(self, subject: Subject) -> int:
        while True:
            try:
                return await subject.newest()
            except errors.ApiError:
                await self.wait(0.1)


def token_of(value: bytes) -> str:
    """Give the token in a stored value: the value itself, or a ConfigMap's."""
    from protocube.core.v1.config_map_pb2 import ConfigMap

    if value.startswith(b"t"):
        return value.decode()
    return ConfigMap.FromString(value).data["token"]
