"""The SQLite store: one file, one writer thread, a few readers, watches."""

from __future__ import annotations

import asyncio
import functools
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Self

from protocube import errors
from protocube_server.storage import base, limits
from protocube_server.storage.batching import Batcher
from protocube_server.storage.sqlite import file, in_memory, reads
from protocube_server.storage.sqlite.in_place import InPlace
from protocube_server.storage.sqlite.readers import Readers
from protocube_server.storage.sqlite.watches import Watches
from protocube_server.storage.sqlite.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

_MOST_GETS = 128
_STRETCH_EVENTS = 500
_STRETCH_BYTES = 4 * 1024 * 1024
_PURGE_ROWS = 1000  # In one transaction: writers wait no longer than that takes.


class SqliteStore(base.Store):
    """A store in one file, for one server. Open it with :meth:`open`."""

    def __init__(self, path: Path, lock: file.Lock, *, progress_interval: float) -> None:
        """Start the threads. ``lock`` passes to the store. Call it on the event loop."""
        connection = file.connect(path)
        self._lock = lock
        state = reads.state(connection)
        self._identity = state.identity
        self._watches = Watches(
            newest=state.revision,
            history=self._history,
            progress_interval=progress_interval,
        )
        in_place = self._in_place = InPlace(path)
        self._readers = Readers(path, in_place)
        self._writer = Writer(path, connection, in_place, committed=self._watches.publish)
        # A query costs little, and a turn of a thread much.
        self._gets: Batcher[bytes, base.Record | None] = Batcher(self._find, most=_MOST_GETS)
        self._revisions: Batcher[None, int] = Batcher(self._tell, most=_MOST_GETS)
        self._is_closed = False
        self.goes_with: Path | None = None
        """A folder that is removed when the store is closed."""

    @classmethod
    async def open(cls, path: Path | str, *, progress_interval: float = 1.0) -> Self:
        """Open the store at ``path``; create it when there is none, in a folder that is there.

        ``progress_interval`` is the shortest time between two progress marks of a
        watch, in seconds. Raises ``errors.Unavailable``, saying why, when another
        server has the file, when it is no store or a newer one, or cannot be used.
        """
        path = file.locate(path)
        lock = await asyncio.to_thread(file.claim, path)
        try:
            with file.faults(path):
                return cls(path, lock, progress_interval=progress_interval)
        except BaseException:
            lock.release()
            raise

    @classmethod
    async def open_in_memory(cls, *, progress_interval: float = 1.0) -> Self:
        """Open a new store that goes when it is closed. Raises ``errors.Unavailable``."""
        with file.faults(Path(in_memory.PATH)):
            folder = await asyncio.to_thread(in_memory.folder)
        try:
            store = await cls.open(folder / in_memory.NAME, progress_interval=progress_interval)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        store.goes_with = folder
        return store

    @property
    def incarnation(self) -> str:
        """See :attr:`base.Store.incarnation`. After a change there is no history to go on with."""
        return f"{self._identity}, lost" if self._in_place.is_lost else self._identity

    async def get(self, key: bytes) -> base.Record | None:
        """See :meth:`base.Store.get`."""
        return await self._gets.ask(key)

    async def list(
        self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0
    ) -> base.Page:
        """See :meth:`base.Store.list`."""
        return await self._readers.run(
            functools.partial(reads.page, prefix=prefix, start=start, limit=limit, at=at)
        )

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """See :meth:`base.Store.write`."""
        limits.check(batch)
        return await self._writer.run(lambda ledger: ledger.write(batch))

    def watch(
        self, prefix: bytes, *, after: int, progress: bool = False
    ) -> AsyncGenerator[base.Revision, None]:
        """See :meth:`base.Store.watch`."""
        return self._watches.follow(prefix, after=after, progress=progress)

    async def revision(self) -> int:
        """See :meth:`base.Store.revision`."""
        return await self._revisions.ask(None)

    async def compact(self, revision: int) -> None:
        """See :meth:`base.Store.compact`. Returns when the rows are gone, too."""
        await self._writer.run(lambda ledger: ledger.compact(revision))
        while await self._writer.run(lambda ledger: ledger.purge(_PURGE_ROWS)):
            pass

    async def close(self) -> None:
        """See :meth:`base.Store.close`. What waits to be written is written first."""
        if self._is_closed:
            return
        self._is_closed = True
        self._watches.close()
        await self._readers.close()
        await self._writer.close()
        self._lock.release()
        if self.goes_with is not None:
            shutil.rmtree(self.goes_with, ignore_errors=True)

    async def _find(self, keys: Sequence[bytes]) -> Sequence[base.Record | None]:
        return await self._readers.run(functools.partial(reads.gets, keys=keys))

    async def _tell(self, asked: Sequence[None]) -> Sequence[int]:
        known = self._watches.newest
        try:
            state = await self._readers.run(reads.state)
            is_known = state.identity == self._identity and state.revision >= known
            self._in_place.require_history(is_known=is_known)
        except errors.Unavailable:
            if self._in_place.is_lost:
                self._watches.go_back()
            raise
        return [state.revision for _ in asked]

    async def _history(self, prefix: bytes, after: int) -> reads.Stretch:
        return await self._readers.run(
            functools.partial(
                reads.history,
                prefix=prefix,
                after=after,
                events=_STRETCH_EVENTS,
                size=_STRETCH_BYTES,
            )
        )
