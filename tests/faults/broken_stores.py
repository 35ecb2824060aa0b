"""Stores that are wrong on purpose, each in one way that a real one could be."""

from __future__ import annotations

import dataclasses
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import base
from protocube_server.storage.base import Done, Put, Refused, Remove, Revision, Set, SetDone

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

_NOW_AND_THEN = 40
"""One in so many goes wrong."""


class BrokenStore(base.Store):
    """A store that is right; below, one fault each is put into it."""

    def __init__(self, store: base.Store) -> None:
        self._store = store
        self._turn = 0

    def wrong(self) -> bool:
        """Tell whether it is time to go wrong."""
        self._turn += 1
        return self._turn % _NOW_AND_THEN == 0

    @property
    def incarnation(self) -> str:
        """See :attr:`base.Store.incarnation`."""
        return self._store.incarnation

    async def get(self, key: bytes) -> base.Record | None:
        """See :meth:`base.Store.get`."""
        return await self._store.get(key)

    async def list(
        self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0
    ) -> base.Page:
        """See :meth:`base.Store.list`."""
        return await self._store.list(prefix, start=start, limit=limit, at=at)

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """See :meth:`base.Store.write`."""
        return await self._store.write(batch)

    async def watch(
        self, prefix: bytes, *, after: int, progress: bool = False
    ) -> AsyncGenerator[Revision, None]:
        """See :meth:`base.Store.watch`."""
        async with aclosing(self._store.watch(prefix, after=after, progress=progress)) as watch:
            async for revision in watch:
                for given in self.pass_on(revision):
                    yield given

    def pass_on(self, revision: Revision) -> Sequence[Revision]:
        """Return what a watcher is given of a revision."""
        return [revision]

    async def revision(self) -> int:
        """See :meth:`base.Store.revision`."""
        return await self._store.revision()

    async def compact(self, revision: int) -> None:
        """See :meth:`base.Store.compact`."""
        await self._store.compact(revision)

    async def close(self) -> None:
        """See :meth:`base.Store.close`."""
        await self._store.close()


class LosesEvents(BrokenStore):
    """Watchers miss a revision."""

    def pass_on(self, revision: Revision) -> Sequence[Revision]:
        """Leave one out."""
        return [] if self.wrong() else [revision]


class RepeatsEvents(BrokenStore):
    """Watchers see a revision twice, as after a careless reconnect."""

    def pass_on(self, revision: Revision) -> Sequence[Revision]:
        """Return one twice."""
        return [revision, revision] if self.wrong() else [revision]


class SwapsEvents(BrokenStore):
    """Watchers see two revisions in the wrong order."""

    def __init__(self, store: base.Store) -> None:
        super().__init__(store)
        self._held: Revision | None = None

    def pass_on(self, revision: Revision) -> Sequence[Revision]:
        """Hold one back until the next."""
        if self._held is not None:
            held, self._held = self._held, None
            return [revision, held]
        if self.wrong():
            self._held = revision
            return []
        return [revision]


class LosesWrites(BrokenStore):
    """A write is acknowledged and never made, as by a disk that lies."""

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """Answer one without writing."""
        if not self.wrong():
            return await self._store.write(batch)
        revision = await self._store.revision() + 1
        return [
            SetDone(
                revision=revision,
                outcomes=tuple(_done(write, revision) for write in part.writes),
            )
            if isinstance(part, Set)
            else _done(part, revision)
            for part in batch
        ]


class RepeatsWrites(BrokenStore):
    """A write whose answer was lost is sent again without its condition."""

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """Write one twice."""
        outcomes = await self._store.write(batch)
        if self.wrong():
            await self._store.write(
                [
                    Put(key=write.key, value=write.value)
                    for write in _single(batch)
                    if isinstance(write, Put)
                ]
            )
        return outcomes


class DeniesWrites(BrokenStore):
    """A write that happened is said to have failed for certain."""

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """Deny one."""
        outcomes = await self._store.write(batch)
        if self.wrong():
            raise errors.Unavailable("it was not sent")
        return outcomes


class IgnoresConditions(BrokenStore):
    """A conditional update overwrites what somebody else wrote meanwhile."""

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """Force every write that is refused."""
        outcomes = await self._store.write(batch)
        if not any(isinstance(outcome, Refused) for outcome in outcomes):
            return outcomes
        await self._store.write([Put(key=write.key, value=b"t-forced") for write in _single(batch)])
        return outcomes


class ReadsStale(BrokenStore):
    """A read is answered from a cache that lags behind."""

    def __init__(self, store: base.Store) -> None:
        super().__init__(store)
        self._cache: dict[bytes, base.Record | None] = {}

    async def get(self, key: bytes) -> base.Record | None:
        """Return one from the cache."""
        if key in self._cache and self.wrong():
            return self._cache[key]
        record = await self._store.get(key)
        self._cache.setdefault(key, record)
        return record


class ListsStale(BrokenStore):
    """A list is answered from a cache that lags behind."""

    def __init__(self, store: base.Store) -> None:
        super().__init__(store)
        self._lists = 0
        self._cached: base.Page | None = None

    async def list(
        self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0
    ) -> base.Page:
        """Return each second list as the one before it was."""
        self._lists += 1
        if self._cached is not None and self._lists % 2:
            return self._cached
        self._cached = await self._store.list(prefix, start=start, limit=limit, at=at)
        return self._cached


class ListsInParts(BrokenStore):
    """The second part of a list is of another revision than the first."""

    async def list(
        self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0
    ) -> base.Page:
        """Read twice, and say that it was at once."""
        first = second = await self._store.list(prefix, start=start, limit=limit, at=at)
        for _ in range(10):  # As often as it takes that somebody has written meanwhile.
            second = await self._store.list(prefix, start=start, limit=limit, at=at)
        half = len(second.records) // 2
        records = (*first.records[:half], *second.records[half:])
        return dataclasses.replace(first, records=records)


ALL = (
    LosesEvents,
    RepeatsEvents,
    SwapsEvents,
    LosesWrites,
    RepeatsWrites,
    DeniesWrites,
    IgnoresConditions,
    ReadsStale,
    ListsStale,
    ListsInParts,
)


def _single(batch: Sequence[base.Write]) -> list[Put | Remove]:
    """Return the writes of a batch one by one."""
    return [
        write for part in batch for write in (part.writes if isinstance(part, Set) else (part,))
    ]


def _done(write: Put | Remove, revision: int) -> Done:
    return Done(
        revision=revision,
        record=None if isinstance(write, Remove) else _record(write, revision),
        previous=_record(Put(key=write.key, value=b""), 1),
    )


def _record(write: Put | Remove, revision: int) -> base.Record:
    value = write.value if isinstance(write, Put) else b""
    return base.Record(
        key=write.key, value=value, create_revision=revision, mod_revision=revision, version=1
    )
