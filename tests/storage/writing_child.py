"""A process that writes to a SQLite store until it is killed, or cannot.

It prints each acknowledged write as ``NUMBER REVISION``, several writers at once.
With a second argument its files cannot grow beyond so many bytes; then it prints the
errors that it gets, too.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import resource
import sys

from protocube import errors
from protocube_server.storage.sqlite import SqliteStore


async def _write(store: SqliteStore, numbers: itertools.count[int]) -> None:
    for number in numbers:
        record = await store.create(f"/{number}".encode(), value_of(number))
        os.write(1, f"{number} {record.mod_revision}\n".encode())


def value_of(number: int) -> bytes:
    """Return the value that belongs to a key."""
    return str(number).encode() * 100


async def main() -> None:
    """Write for ever."""
    numbers = itertools.count()
    store = await SqliteStore.open(sys.argv[1])
    if len(sys.argv) > 2:
        size = int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        while True:
            try:
                await _write(store, numbers)
            except errors.Unavailable as error:
                os.write(1, f"{type(error).__name__} {error}\n".encode())
    await asyncio.gather(*(_write(store, numbers) for _ in range(20)))


if __name__ == "__main__":
    asyncio.run(main())
