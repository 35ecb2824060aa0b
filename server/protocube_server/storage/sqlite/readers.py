"""The threads that read the SQLite file, so that the event loop never waits for a disk."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from protocube_server.storage import base
from protocube_server.storage.sqlite import file

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from protocube_server.storage.sqlite.in_place import InPlace

_T = TypeVar("_T")
_THREADS = 4


class Readers:
    """Runs queries, each in a snapshot of its own, on a few threads."""

    def __init__(self, path: Path, in_place: InPlace) -> None:
        self._path = path
        self._in_place = in_place
        # There are as many as threads, so a thread always finds one: the one used last, whose
        # pages are in memory already.
        self._idle: deque[sqlite3.Connection] = deque()
        for _ in range(_THREADS):
            connection = file.connect(path)
            connection.execute("PRAGMA query_only = ON")
            self._idle.append(connection)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sqlite-reader")
        self._closed = False

    async def run(self, query: Callable[[sqlite3.Connection], _T]) -> _T:
        """Return what ``query`` gives. Raises ``errors.Unavailable`` when the file fails."""
        if self._closed:
            raise base.closed()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._in_snapshot, query)

    async def close(self) -> None:
        """Wait for the queries that run, then close their connections."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        while self._idle:
            self._idle.pop().close()

    def _in_snapshot(self, query: Callable[[sqlite3.Connection], _T]) -> _T:
        self._in_place.require()
        connection = self._idle.pop()
        try:
            with file.faults(self._path):
                connection.execute("BEGIN")
                try:
                    return query(connection)
                finally:
                    connection.execute("ROLLBACK")
        finally:
            self._idle.append(connection)
