"""The one thread that writes to the SQLite file.

Group commit: whatever arrived while the last transaction ran goes into the next
one, so that many callers share the wait for the disk. Each has its own outcome,
and none hears of it before the disk has it.

When the disk fails in a commit, there is no telling what is on it, nor what a second
attempt would mean (the system may drop what it could not write and report success
next time). The writer then stops for good; a new start reads what is there.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from protocube import errors
from protocube_server.storage import base
from protocube_server.storage.sqlite import file
from protocube_server.storage.sqlite.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from protocube_server.storage.sqlite.in_place import InPlace

_T = TypeVar("_T")
_GROUP = 512  # Jobs in one transaction: some 20 ms of work, so that no caller waits long.

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    work: Callable[[Ledger], Any]
    future: asyncio.Future[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settled:
    job: _Job
    result: Any = None
    error: Exception | None = None


class Writer:
    """Runs jobs on a :class:`Ledger` in a thread of its own, many in one transaction.

    ``committed`` is called on the event loop with the revisions of each transaction,
    in order, before any caller of that transaction goes on.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        in_place: InPlace,
        *,
        committed: Callable[[Sequence[base.Revision]], None],
    ) -> None:
        self._path = path
        self._connection = connection
        self._in_place = in_place
        self._ledger = Ledger(connection)
        self._failure: errors.Unavailable | None = None
        self._closed = False
        self._committed = committed
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._ended = self._loop.create_future()
        # A daemon: a process that ends without close() must not hang on it. What was
        # acknowledged is on disk already.
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Ledger], _T]) -> _T:
        """Return what ``work`` gives, once its transaction is on disk.

        Raises what it raises, or ``errors.Unavailable`` when the transaction failed.
        """
        if self._closed:
            raise base.closed()
        future: asyncio.Future[_T] = self._loop.create_future()
        self._jobs.put(_Job(work=work, future=future))
        return await future

    async def close(self) -> None:
        """End the thread after the jobs that wait already."""
        self._closed = True
        self._jobs.put(None)
        await asyncio.shield(self._ended)
        self._thread.join()

    def _run(self) -> None:
        try:
            while group := self._next_group():
                self._on_loop(self._deliver, *self._commit(group))
        finally:
            self._connection.close()
            self._on_loop(self._ended.set_result, None)

    def _next_group(self) -> list[_Job]:
        """Return the jobs that wait, at least one; none at the end."""
        group: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            group.append(job)
            if len(group) == _GROUP:
                return group
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group
        if group:
            self._jobs.put(None)  # The end is for the next round.
        return group

    def _commit(self, group: list[_Job]) -> tuple[Sequence[base.Revision], list[_Settled]]:
        """Return the revisions that the group made, and each job's outcome."""
        if self._failure:
            return (), [_Settled(job=job, error=self._failure) for job in group]
        try:
            self._require_place()
        except errors.Unavailable as gone:
            return (), [_Settled(job=job, error=gone) for job in group]
        try:
            with self._ledger.transaction() as made:
                settled = [self._settle(job) for job in group if not job.future.cancelled()]
            self._in_place.require()  # Else the disk of the next start has not what was written.
        except errors.Unavailable as gone:
            unknown = errors.OutcomeUnknown(gone.message)
            return (), [_Settled(job=job, error=unknown) for job in group]
        except sqlite3.Error as error:
            _log.exception("a transaction of %s failed", self._path)
            fault = file.fault(self._path, error)
            if file.is_broken(error):
                self._failure = errors.Unavailable(f"{fault}; restart the server")
                fault = errors.OutcomeUnknown(str(fault))
            return (), [_Settled(job=job, error=fault) for job in group]
        return made, settled

    def _require_place(self) -> None:
        """Raise ``errors.Unavailable`` unless the file is the one that this writer knows."""
        try:
            is_known = self._ledger.is_known
        except sqlite3.Error as error:
            self._in_place.require()  # What is missing says more than what SQLite makes of it.
            raise file.fault(self._path, error) from None
        self._in_place.require_history(is_known=is_known)

    def _settle(self, job: _Job) -> _Settled:
        try:
            return _Settled(job=job, result=job.work(self._ledger))
        except sqlite3.Error:
            raise  # The transaction may be gone, and the others' work with it.
        except Exception as error:  # noqa: BLE001  # it is the caller's, who awaits it
            return _Settled(job=job, error=error)

    def _deliver(self, made: Sequence[base.Revision], settled: Sequence[_Settled]) -> None:
        self._committed(made)
        for each in settled:
            if each.job.future.done():
                continue
            if each.error is None:
                each.job.future.set_result(each.result)
            else:
                each.job.future.set_exception(base.own(each.error))

    def _on_loop(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            _log.debug("the event loop ended before its store was closed")
