"""The end of a store."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from pathlib import Path

import pytest

from protocube import errors
from protocube_server.storage.base import Record, Store
from tests.conformance.watching import PATIENCE, take, watching


async def test_every_call_afterwards_says_so(store: Store, prefix: bytes) -> None:
    """A closed store is Unavailable; it neither hangs nor fails in its own terms."""
    after = await store.revision()
    await store.close()
    await store.close()
    calls = [
        store.get(prefix),
        store.list(prefix),
        store.create(prefix, b"one"),
        store.revision(),
        store.compact(after),
        anext(store.watch(prefix, after=after)),
    ]
    for call in calls:
        with pytest.raises(errors.Unavailable, match="closed"):
            await call


async def test_nothing_is_left(store: Store, prefix: bytes) -> None:
    """A closed store leaves neither tasks nor threads nor open files of its own."""
    others = asyncio.all_tasks()
    async with watching(store, prefix, after=await store.revision()) as watch:
        await asyncio.gather(*(store.create(prefix + bytes([65 + n]), b"one") for n in range(20)))
        await take(watch, 20)
        await store.list(prefix)
    await store.close()
    async with asyncio.timeout(PATIENCE):
        # gRPC takes some turns of the loop to see a cancelled call off.
        while not asyncio.all_tasks() <= others:  # noqa: ASYNC110  # it has no event to wait for
            await asyncio.sleep(0)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sqlite")]
    assert not [link for link in _open_files() if "store.db" in link]


def _open_files() -> list[str]:
    links = Path("/proc/self/fd")
    found = []
    for link in links.iterdir() if links.exists() else ():
        with contextlib.suppress(OSError):
            found.append(str(link.readlink()))
    return found


async def test_open_watches_end(store: Store, prefix: bytes) -> None:
    """A reader that waits for the next event learns that the store was closed."""
    after = await store.revision()
    async with watching(store, prefix, after=after) as watch:
        await store.create(prefix + b"a", b"one")
        await take(watch, 1)
        reading = asyncio.ensure_future(anext(watch))
        await asyncio.sleep(0)
        await store.close()
        with pytest.raises(errors.Unavailable, match="closed"):
            async with asyncio.timeout(PATIENCE):
                await reading


async def test_calls_under_way_get_an_answer(store: Store, prefix: bytes) -> None:
    """Closing answers every caller that waits: done, closed, or outcome unknown."""
    writes = [
        asyncio.ensure_future(store.create(prefix + str(number).encode(), b"one"))
        for number in range(50)
    ]
    reads = [asyncio.ensure_future(store.list(prefix)) for _ in range(20)]
    await asyncio.wait(writes, return_when=asyncio.FIRST_COMPLETED)
    await store.close()
    async with asyncio.timeout(PATIENCE):
        results = await asyncio.gather(*writes, *reads, return_exceptions=True)
    assert any(isinstance(result, Record) for result in results)
    failures = {type(result) for result in results if isinstance(result, BaseException)}
    assert failures <= {errors.Unavailable, errors.OutcomeUnknown}
