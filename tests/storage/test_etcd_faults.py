"""The etcd store when etcd dies, hangs, or is not the one that it should be."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_server.storage.base import Guard, Put, Set
from protocube_server.storage.etcd import EtcdStore
from tests.storage.scripted_etcd import Script, answering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from protocube_server.storage.base import Record, Revision
    from tests.etcd_process import Etcd

PATIENCE = 60.0


@contextlib.asynccontextmanager
async def _opened(endpoints: Sequence[str], **options: Any) -> AsyncIterator[EtcdStore]:
    store = await EtcdStore.open(endpoints, **options)
    try:
        yield store
    finally:
        await store.close()


async def _watch_until(store: EtcdStore, prefix: bytes, last: bytes) -> list[Revision]:
    """Return all revisions from the beginning up to the one that writes ``last``."""
    seen: list[Revision] = []
    async with contextlib.aclosing(store.watch(prefix, after=1)) as watch:
        async for revision in watch:
            seen.append(revision)
            if any(event.key == last for event in revision.events):
                return seen
    raise AssertionError("a watch does not end by itself")


@pytest.mark.etcd
async def test_kill_and_restart_under_a_watch_and_writers(own_etcd: Etcd) -> None:
    """Over kill -9 of etcd a watch loses and doubles nothing, and no acknowledged write is lost.

    A write whose answer was lost happened once or not at all.
    """
    acknowledged: dict[bytes, Record] = {}
    unknown: set[bytes] = set()
    unsent: set[bytes] = set()
    stop, more = asyncio.Event(), asyncio.Event()

    async with _opened([own_etcd.endpoint]) as store:

        async def writer(name: int) -> None:
            number = 0
            while not stop.is_set():
                key = f"/w/{name}/{number}".encode()
                number += 1
                try:
                    acknowledged[key] = await store.create(key, key)
                    if len(acknowledged) % 300 == 0:
                        more.set()
                except errors.OutcomeUnknown:
                    unknown.add(key)
                except errors.Unavailable:
                    unsent.add(key)

        watching = asyncio.create_task(_watch_until(store, b"/w/", b"/w/last"))
        writers = [asyncio.create_task(writer(name)) for name in range(8)]
        for _ in range(3):
            await more.wait()
            more.clear()
            own_etcd.kill()
            await asyncio.to_thread(own_etcd.start)
        stop.set()
        await asyncio.gather(*writers)
        await store.create(b"/w/last", b"last")
        async with asyncio.timeout(PATIENCE):
            seen = await watching
        page = await store.list(b"/w/")

    stored = {record.key: record for record in page.records}
    last = stored.pop(b"/w/last")
    assert {key: stored[key] for key in acknowledged} == acknowledged
    assert stored.keys() - acknowledged.keys() <= unknown
    assert not unsent & stored.keys()
    numbers = [revision.number for revision in seen]
    assert numbers == sorted(set(numbers))
    events = [event for revision in seen for event in revision.events]
    assert len(events) == len(stored) + 1
    assert {event.record for event in events} == {*stored.values(), last}


@pytest.mark.etcd
async def test_kill_and_restart_under_sets(own_etcd: Etcd) -> None:
    """Over kill -9 of etcd no set is there by half, and none that was acknowledged is lost.

    Each set is two keys and the next number of its writer, under a guard that all share.
    """
    acknowledged: set[bytes] = set()
    stop, more = asyncio.Event(), asyncio.Event()

    async with _opened([own_etcd.endpoint]) as store:
        room = await store.create(b"/room", b"open")
        guard = Guard(key=room.key, revision=room.mod_revision)

        async def writer(name: int) -> None:
            for number in itertools.count():
                if stop.is_set():
                    return
                key = f"/w/{name}/{number}".encode()
                puts = (
                    Put(key=key + b"/a", value=key, expected=0),
                    Put(key=key + b"/b", value=key, expected=0),
                    Put(key=f"/last/{name}".encode(), value=key),
                )
                try:
                    await store.apply(Set(writes=puts, guards=(guard,)))
                except errors.Unavailable:
                    continue
                acknowledged.add(key)
                if len(acknowledged) % 200 == 0:
                    more.set()

        writers = [asyncio.create_task(writer(name)) for name in range(8)]
        for _ in range(3):
            await more.wait()
            more.clear()
            own_etcd.kill()
            await asyncio.to_thread(own_etcd.start)
        stop.set()
        await asyncio.gather(*writers)
        found = await store.list(b"/w/")
        last = await store.list(b"/last/")

    halves: dict[bytes, list[int]] = {}
    for record in found.records:
        halves.setdefault(record.value, []).append(record.mod_revision)
    assert acknowledged <= halves.keys()
    assert {len(pair) for pair in halves.values()} == {2}
    assert all(one == two for one, two in halves.values())
    for record in last.records:
        assert halves[record.value][0] == record.mod_revision


@pytest.mark.etcd
async def test_a_write_whose_answer_is_lost(own_etcd: Etcd) -> None:
    """A write that etcd got and did not answer is OutcomeUnknown, not failed and not repeated.

    It may happen even after later writes, which is why nobody may repeat it blindly.
    """
    async with _opened([own_etcd.endpoint], timeout=1.0) as store:
        await store.create(b"/a", b"one")
        own_etcd.pause()
        try:
            with pytest.raises(errors.OutcomeUnknown, match="may have happened"):
                await store.create(b"/b", b"one")
        finally:
            own_etcd.resume()
        await store.create(b"/c", b"one")
        record = await store.get(b"/b")
        assert record is None or record.version == 1


@pytest.mark.etcd
async def test_a_write_that_never_left(own_etcd: Etcd) -> None:
    """Without an etcd to send it to, a write is Unavailable: it has certainly not happened."""
    async with _opened([own_etcd.endpoint], timeout=1.0) as store:
        own_etcd.kill()
        with contextlib.suppress(errors.Unavailable):
            await store.create(b"/first", b"the connection may still be thought to be good")
        with pytest.raises(errors.Unavailable) as caught:
            await store.create(b"/a", b"one")
        assert type(caught.value) is errors.Unavailable
        with pytest.raises(errors.Unavailable):
            await store.get(b"/a")


@pytest.mark.etcd
async def test_calls_wait_for_a_restart(own_etcd: Etcd) -> None:
    """Reads, and writes that could not be sent, are tried again while there is time."""
    async with _opened([own_etcd.endpoint]) as store:
        created = await store.create(b"/a", b"one")
        own_etcd.kill()
        reading = asyncio.create_task(store.get(b"/a"))
        # It fails until etcd is back, so by now the loss of the connection is known.
        await asyncio.wait({reading}, timeout=0.2)
        writing = asyncio.create_task(store.create(b"/b", b"one"))
        await asyncio.wait({writing}, timeout=0.2)
        await asyncio.to_thread(own_etcd.start)
        assert await reading == created
        assert (await writing).version == 1


@pytest.mark.etcd
async def test_a_pause_of_etcd_is_survived(own_etcd: Etcd) -> None:
    """Calls during a pause that is shorter than their time are answered after it."""
    async with _opened([own_etcd.endpoint]) as store:
        await store.create(b"/a", b"one")
        own_etcd.pause()
        calls = [
            asyncio.create_task(store.create(f"/{number}".encode(), b"one")) for number in range(50)
        ]
        await asyncio.wait(calls, timeout=0.5)
        own_etcd.resume()
        assert {record.version for record in await asyncio.gather(*calls)} == {1}


@pytest.mark.etcd
async def test_another_endpoint_takes_over(own_etcd: Etcd) -> None:
    """A member that cannot be reached is left for the next one, for all kinds of calls."""
    async with _opened(["127.0.0.1:1", own_etcd.endpoint]) as store:
        created = await store.create(b"/a", b"one")
        assert await store.get(b"/a") == created
        async with contextlib.aclosing(store.watch(b"/", after=1)) as watch:
            assert (await anext(watch)).events[0].record == created


@pytest.mark.etcd
async def test_a_compaction_overtakes_a_lost_connection(own_etcd: Etcd) -> None:
    """A watch that comes back behind a compaction is Expired; it does not skip what it missed."""
    async with _opened([own_etcd.endpoint]) as store, _opened([own_etcd.endpoint]) as other:
        created = await store.create(b"/a", b"one")
        async with contextlib.aclosing(store.watch(b"/", after=1)) as watch:
            assert (await anext(watch)).number == created.mod_revision
            # Nobody reads from the watch until etcd has restarted and compacted.
            own_etcd.kill()
            await asyncio.to_thread(own_etcd.start)
            gone = await other.delete(b"/a")
            await other.compact(gone.revision)
            with pytest.raises(errors.Expired):
                async with asyncio.timeout(PATIENCE):
                    await anext(watch)


async def test_no_etcd_at_all() -> None:
    """Opening a store where nothing listens says where that was."""
    with pytest.raises(errors.Unavailable, match=r"127\.0\.0\.1:1: .*refused"):
        await EtcdStore.open(["127.0.0.1:1"])


@pytest.mark.parametrize("version", ["3.5.0", "3.5.1", "3.5.2", "3.5.2-rc.1"])
async def test_versions_that_lose_data_are_refused(version: str) -> None:
    """A store does not open on a version of etcd that is known to corrupt data."""
    async with answering(Script(version=version)) as endpoint:
        with pytest.raises(errors.Unavailable, match=r"is refused: 3\.5\.0, 3\.5\.1 and 3\.5\.2"):
            await EtcdStore.open([endpoint])


@pytest.mark.parametrize("version", ["3.4.23", "3.5.3", "3.6.0", "4.0.0-alpha", ""])
async def test_other_versions_are_not(version: str) -> None:
    """Other versions are accepted, and so is a server that does not say (kine)."""
    async with answering(Script(version=version)) as endpoint, _opened([endpoint], nested=True):
        pass
