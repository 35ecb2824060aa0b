"""The etcd store in front of three members."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.base import Unreachable
from protocube_server.storage.etcd import EtcdStore
from tests import etcd_cluster

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from protocube_server.storage.base import Record, Revision
    from tests.etcd_cluster import Cluster
    from tests.etcd_process import Etcd

pytestmark = pytest.mark.etcd
PATIENCE = 60.0


async def test_another_member_takes_over_from_the_leader(tmp_path: Path) -> None:
    """When the leader dies, reads, writes and a watch go on with the members that are left."""
    async with etcd_cluster.running(tmp_path) as cluster:
        store = await EtcdStore.open(cluster.endpoints)
        async with (
            asyncio.timeout(PATIENCE),
            contextlib.aclosing(store.watch(b"/", after=1)) as watch,
        ):
            first = await store.create(b"/a", b"one")
            assert (await anext(watch)).events[0].record == first
            leader = await cluster.leader()
            assert leader is not None
            leader.kill()
            number = 0
            while True:
                number += 1
                with contextlib.suppress(errors.Unavailable):
                    second = await store.create(f"/b{number}".encode(), b"two")
                    break
            async for revision in watch:
                if revision.events[0].record == second:
                    break
            assert await store.get(b"/a") == first
        await store.close()


async def test_most_members_are_gone(tmp_path: Path) -> None:
    """A cluster that cannot agree is not there yet: one waits for it, and does not fail."""
    async with etcd_cluster.running(tmp_path) as cluster:
        for member in cluster.members[1:]:
            member.kill()
        with pytest.raises(Unreachable):
            await EtcdStore.open(cluster.endpoints, timeout=1.0)
        await asyncio.gather(*(asyncio.to_thread(member.start) for member in cluster.members[1:]))
        store = await EtcdStore.open(cluster.endpoints)
        await store.create(b"/a", b"one")
        await store.close()


def _in_use(cluster: Cluster, store: EtcdStore) -> Etcd:
    """Return the member that a store talks to."""
    address = store._connection.current.address
    return next(member for member in cluster.members if member.endpoint == address)


@contextlib.asynccontextmanager
async def _hung(cluster: Cluster, store: EtcdStore) -> AsyncGenerator[None, None]:
    """Stop the member that a store talks to, its connections open, and let it go on later."""
    member = _in_use(cluster, store)
    # Not the leader: the others must be able to go on at once.
    assert member is not await cluster.leader()
    await asyncio.to_thread(member.pause)
    try:
        yield
    finally:
        member.resume()


@contextlib.asynccontextmanager
async def _on_a_follower(cluster: Cluster) -> AsyncGenerator[EtcdStore, None]:
    """Provide a store that talks to a member which does not lead."""
    leader = await cluster.leader()
    assert leader is not None
    others = [member.endpoint for member in cluster.members if member is not leader]
    store = await EtcdStore.open([*others, leader.endpoint])
    try:
        yield store
    finally:
        await store.close()


async def _until(watch: AsyncGenerator[Revision, None], record: Record) -> list[int]:
    """Return the revisions up to the one that wrote ``record``."""
    numbers = []
    async for revision in watch:
        numbers.append(revision.number)
        if revision.events[0].record == record:
            return numbers
    raise AssertionError("a watch does not end by itself")


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked", "quiet"])
async def test_a_watch_leaves_a_member_that_hangs(tmp_path: Path, *, is_asked: bool) -> None:
    """It goes on with another member while the first one is still stopped, and loses nothing.

    With the first call that gets no answer, and, when nobody calls, by keepalive.
    """
    async with (
        asyncio.timeout(PATIENCE),
        etcd_cluster.running(tmp_path) as cluster,
        _on_a_follower(cluster) as store,
        _on_a_follower(cluster) as other,
        contextlib.aclosing(store.watch(b"/", after=1)) as watch,
    ):
        first = await store.create(b"/first", b"one")
        assert await _until(watch, first) == [first.mod_revision]
        left = store._follower._stream
        assert left is not None
        # The other store is on a member that goes on.
        other._connection.leave(other._connection.current)
        async with _hung(cluster, store):
            second = await other.create(b"/second", b"two")
            last = await other.create(b"/last", b"three")
            if is_asked:
                assert await store.get(b"/last") == last
                assert left.endpoint.abandoned.is_set()
            assert await _until(watch, last) == [second.mod_revision, last.mod_revision]
        assert store._follower._stream is not left


async def test_writes_leave_a_member_that_hangs(tmp_path: Path) -> None:
    """One that waits for the answer of a stopped member does not hold up those behind it.

    Its own outcome is not known, and it happens at most once.
    """
    async with (
        asyncio.timeout(PATIENCE),
        etcd_cluster.running(tmp_path) as cluster,
        _on_a_follower(cluster) as store,
    ):
        await store.create(b"/first", b"one")
        async with _hung(cluster, store):
            stuck = asyncio.create_task(store.create(b"/stuck", b"one"))
            await asyncio.wait({stuck}, timeout=0.05)
            made = await asyncio.gather(
                *(store.create(f"/k{number}".encode(), b"one") for number in range(20))
            )
            assert {record.version for record in made} == {1}
            with pytest.raises(errors.OutcomeUnknown):
                await stuck
        found = await store.get(b"/stuck")
        assert found is None or found.version == 1
