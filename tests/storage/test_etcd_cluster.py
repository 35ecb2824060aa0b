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
    from pathlib import Path

pytestmark = pytest.mark.etcd
PATIENCE = 30.0


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
