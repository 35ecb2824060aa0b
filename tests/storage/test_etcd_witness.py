"""Another etcd client, written by others, sees what ours writes, and the other way round."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any

import pytest

from protocube_server.storage.base import Put, Refused, Remove
from protocube_server.storage.etcd import EtcdStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.etcd_process import Etcd

pytestmark = [
    pytest.mark.etcd,
    # Its watching thread may die of a NameError of its own when its client is closed.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]
_SECONDS = 10.0


@pytest.fixture
def witness(own_etcd: Etcd) -> Iterator[Any]:
    """Provide a client of PyPI's ``python3-etcd3``."""
    etcd3 = pytest.importorskip("etcd3")
    host, _, port = own_etcd.endpoint.rpartition(":")
    with contextlib.closing(etcd3.client(host=host, port=int(port))) as client:
        yield client
    # Its threads end in this test, and not in the middle of another.
    for thread in threading.enumerate():
        if thread.name.startswith("etcd3_watch"):
            thread.join(_SECONDS)


@pytest.fixture
async def store(own_etcd: Etcd) -> AsyncIterator[EtcdStore]:
    """Provide a store of the same etcd."""
    opened = await EtcdStore.open([own_etcd.endpoint])
    yield opened
    await opened.close()


async def test_it_reads_what_we_write(store: EtcdStore, witness: Any) -> None:
    """Keys, values of any bytes, revisions and versions are the same to it."""
    value = bytes(range(256))
    created = await store.create(b"/w/a", b"one")
    updated = await store.update(b"/w/a", value, expected=created.mod_revision)
    await store.write([Put(key=b"/w/b", value=b""), Put(key=b"/w/c", value=b"x")])
    await store.delete(b"/w/c")
    seen, found = await asyncio.to_thread(witness.get, "/w/a")
    assert (seen, found.key) == (value, b"/w/a")
    assert found.create_revision == updated.create_revision
    assert (found.mod_revision, found.version) == (updated.mod_revision, 2)
    everything = await asyncio.to_thread(lambda: list(witness.get_prefix("/w/")))
    assert [(meta.key, value) for value, meta in everything] == [(b"/w/a", value), (b"/w/b", b"")]


async def test_we_read_what_it_writes(store: EtcdStore, witness: Any) -> None:
    """A get, a list and a watch of ours give what it put and deleted, in its order."""
    after = await store.revision()
    async with contextlib.aclosing(store.watch(b"/w/", after=after)) as watch:
        await asyncio.to_thread(witness.put, "/w/a", b"one")
        await asyncio.to_thread(witness.put, "/w/a", b"two")
        record = await store.get(b"/w/a")
        await asyncio.to_thread(witness.delete, "/w/a")
        seen = [await anext(watch) for _ in range(3)]
    assert record is not None
    assert (record.value, record.version) == (b"two", 2)
    events = [event for revision in seen for event in revision.events]
    assert [event.record and event.record.value for event in events] == [b"one", b"two", None]
    assert events[2].previous == record
    assert (await store.list(b"/w/")).records == ()


async def test_our_conditions_hold_against_its_writes(store: EtcdStore, witness: Any) -> None:
    """What it wrote since makes our conditional write fail, and ours makes its fail."""
    created = await store.create(b"/w/a", b"one")
    await asyncio.to_thread(witness.put, "/w/a", b"two")
    (outcome,) = await store.write([Remove(key=b"/w/a", expected=created.mod_revision)])
    assert isinstance(outcome, Refused)
    assert outcome.current is not None
    assert outcome.current.value == b"two"
    transactions = witness.transactions
    succeeded, _ = await asyncio.to_thread(
        witness.transaction,
        compare=[transactions.value("/w/a") == "one"],
        success=[transactions.put("/w/a", "three")],
        failure=[],
    )
    assert not succeeded


async def test_its_watch_sees_our_batch(store: EtcdStore, witness: Any) -> None:
    """Its watch gives the events of one of our batches, all at one revision."""
    iterator, cancel = await asyncio.to_thread(witness.watch_prefix, "/w/")
    await store.write([Put(key=b"/w/a", value=b"one"), Put(key=b"/w/b", value=b"two")])
    first = await asyncio.to_thread(next, iterator)
    second = await asyncio.to_thread(next, iterator)
    assert [(each.key, each.value) for each in (first, second)] == [
        (b"/w/a", b"one"),
        (b"/w/b", b"two"),
    ]
    assert first.mod_revision == second.mod_revision == await store.revision()
    await asyncio.to_thread(cancel)
