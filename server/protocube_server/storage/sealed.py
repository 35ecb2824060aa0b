"""A store whose values are sealed: what is written lies encrypted in the store that is behind it.

Keys and revisions stay as they are. What was sealed and cannot be opened is a record all the same,
with a fault in place of its value, so that one such value stands in the way of no other.
"""

from __future__ import annotations

import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server import turns
from protocube_server.storage import base, keys
from protocube_server.storage.sealing import marks
from protocube_server.storage.sealing.keys import CannotOpen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Sequence

    from protocube_server.storage.sealing.sealer import Sealer
    from protocube_server.storage.sealing.sealing import Sealing

_MOST_KNOWN: Final = 4096
_LOG = logging.getLogger("protocube.server")


class SealedStore(base.Store):
    """``store``, whose keys begin with ``prefix``, with the values that ``sealing`` names sealed.

    Beside what the store raises, its methods raise ``errors.Unavailable`` when a key plugin
    that is needed does not answer.
    """

    def __init__(self, store: base.Store, prefix: str, sealing: Sealing) -> None:
        self._store = store
        self._root = keys.root(prefix)
        self._prefix = prefix
        self._sealing = sealing
        self._sealers: dict[bytes, Sealer | None] = {}
        """By the beginning of a kind's keys."""
        self._epoch = sealing.epoch

    @property
    def incarnation(self) -> str:
        """See :attr:`base.Store.incarnation`."""
        return self._store.incarnation

    async def get(self, key: bytes) -> base.Record | None:
        """See :meth:`base.Store.get`."""
        record = await self._store.get(key)
        sealer = self._sealer(key)
        return await self._opened(sealer, record) if sealer and record else record

    async def list(
        self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0
    ) -> base.Page:
        """See :meth:`base.Store.list`."""
        page = await self._store.list(prefix, start=start, limit=limit, at=at)
        records: list[base.Record] = []
        with turns.Pace() as pace:
            for record in page.records:
                sealer = self._sealer(record.key)
                if sealer is None:
                    records.append(record)
                    continue
                await pace.step()
                records.append(await self._opened(sealer, record))
        return base.Page(
            records=tuple(records), revision=page.revision, more=page.more, count=page.count
        )

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """See :meth:`base.Store.write`."""
        parts = [await self._sealed(part) for part in batch]
        if all(part is given for part, given in zip(parts, batch, strict=True)):
            outcomes = await self._store.write(batch)
        else:
            outcomes = await self._store.write(parts)
        found = zip(batch, outcomes, strict=True)
        return tuple([await self._told(part, outcome) for part, outcome in found])

    async def watch(
        self, prefix: bytes, *, after: int, progress: bool = False
    ) -> AsyncGenerator[base.Revision, None]:
        """See :meth:`base.Store.watch`."""
        watch = self._store.watch(prefix, after=after, progress=progress)
        async with aclosing(watch) as revisions:
            async for revision in revisions:
                if any(self._sealer(event.key) for event in revision.events):
                    events = [await self._event(event) for event in revision.events]
                    yield base.Revision(number=revision.number, events=tuple(events))
                else:
                    yield revision

    def revision(self) -> Coroutine[Any, Any, int]:
        """See :meth:`base.Store.revision`."""
        return self._store.revision()

    def compact(self, revision: int) -> Coroutine[Any, Any, None]:
        """See :meth:`base.Store.compact`."""
        return self._store.compact(revision)

    async def close(self) -> None:
        """See :meth:`base.Store.close`."""
        await self._store.close()
        await self._sealing.close()

    def _sealer(self, key: bytes) -> Sealer | None:
        """Return what seals the value of a key; ``None`` when it lies there as it is."""
        if self._epoch != self._sealing.epoch:
            self._sealers.clear()
            self._epoch = self._sealing.epoch
        collection = keys.collection_of(self._root, key)
        if collection is None:
            is_record = keys.is_in_area(self._root, keys.Area.REQUESTS, key)
            return self._sealing.records if is_record else None
        try:
            return self._sealers[collection]
        except KeyError:
            if len(self._sealers) >= _MOST_KNOWN:
                self._sealers.clear()
            resource = collection[len(self._root) : -1].decode(errors="replace")
            found = self._sealers[collection] = self._sealing.of(resource)
            return found

    async def _sealed(self, part: base.Write) -> base.Write:
        """Return a write with its values sealed; the same where there is nothing to seal."""
        if isinstance(part, base.Set):
            writes = [await self._sealed_one(write) for write in part.writes]
            if all(write is given for write, given in zip(writes, part.writes, strict=True)):
                return part
            return base.Set(writes=tuple(writes), guards=part.guards)
        return await self._sealed_one(part)

    async def _sealed_one(self, write: base.Put | base.Remove) -> base.Put | base.Remove:
        if isinstance(write, base.Remove):
            return write
        sealer = self._sealer(write.key)
        if sealer is None or not sealer.seals:
            return write
        before = sealer.before(None)
        if before is not None:
            await before
        value = sealer.seal(write.value, write.key)
        return base.Put(key=write.key, value=value, expected=write.expected)

    async def _told(self, part: base.Write, outcome: base.Outcome) -> base.Outcome:
        """Return an outcome as the caller knows the values."""
        if isinstance(outcome, base.SetDone):
            assert isinstance(part, base.Set)  # noqa: S101  # it is the outcome of one
            done = [
                await self._done(write, each)
                for write, each in zip(part.writes, outcome.outcomes, strict=True)
            ]
            return base.SetDone(revision=outcome.revision, outcomes=tuple(done))
        if isinstance(outcome, base.Refused):
            current = await self._open(outcome.current)
            return base.Refused(key=outcome.key, current=current, by_guard=outcome.by_guard)
        assert not isinstance(part, base.Set)  # noqa: S101  # likewise
        return await self._done(part, outcome)

    async def _done(self, write: base.Put | base.Remove, done: base.Done) -> base.Done:
        if self._sealer(write.key) is None:
            return done
        record = done.record
        if record is not None and isinstance(write, base.Put):
            record = _with_value(record, write.value)
        # It has happened, whatever can be told of what was there before.
        previous = await self._open_anyway(done.previous)
        return base.Done(revision=done.revision, record=record, previous=previous)

    async def _event(self, event: base.Event) -> base.Event:
        if self._sealer(event.key) is None:
            return event
        return base.Event(
            key=event.key,
            revision=event.revision,
            record=await self._open_anyway(event.record),
            previous=await self._open_anyway(event.previous),
        )

    async def _open_anyway(self, record: base.Record | None) -> base.Record | None:
        """As :meth:`_open`, but return a record with a fault where a plugin does not answer.

        A watch cannot wait for it, nor end: it may be that of all kinds. What was written cannot
        be called unavailable.
        """
        try:
            return await self._open(record)
        except errors.Unavailable as error:
            assert record is not None  # noqa: S101  # it was to be opened
            _LOG.warning("%s: %s", keys.relative(self._prefix, record.key), error)
            return _faulty(record, str(error), passes=True)

    async def _open(self, record: base.Record | None) -> base.Record | None:
        if record is None:
            return None
        sealer = self._sealer(record.key)
        return await self._opened(sealer, record) if sealer else record

    async def _opened(self, sealer: Sealer, record: base.Record) -> base.Record:
        """Return a record with its value opened, or with a fault."""
        before = sealer.before(record.value)
        if before is not None:
            await before
        try:
            opened = sealer.open(record.value, record.key)
        except CannotOpen as error:
            return _faulty(record, str(error))
        return _with_value(record, opened.value, stale=opened.stale)


def _with_value(record: base.Record, value: bytes, *, stale: bool = False) -> base.Record:
    return base.Record(
        key=record.key,
        value=value,
        create_revision=record.create_revision,
        mod_revision=record.mod_revision,
        version=record.version,
        stale=stale,
    )


def _faulty(record: base.Record, fault: str, *, passes: bool = False) -> base.Record:
    return base.Record(
        key=record.key,
        # Also of a value that is not sealed and should be: it must not be taken for one that is.
        value=marks.SEALED,
        create_revision=record.create_revision,
        mod_revision=record.mod_revision,
        version=record.version,
        fault=fault,
        passes=passes,
    )
