"""An etcd that goes back in time under a store, and one that does not."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.etcd import EtcdStore
from tests.storage import etcd_tool

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from protocube_server.storage.base import Revision
    from tests.etcd_process import Etcd

_PATIENCE = 30.0


@contextlib.asynccontextmanager
async def _opened(etcd: Etcd) -> AsyncIterator[EtcdStore]:
    store = await EtcdStore.open([etcd.endpoint])
    try:
        yield store
    finally:
        await store.close()


async def _to(watch: AsyncGenerator[Revision, None], key: bytes) -> None:
    """Read a watch up to the revision that writes ``key``."""
    async with asyncio.timeout(_PATIENCE):
        async for revision in watch:
            if any(event.key == key for event in revision.events):
                return


@pytest.mark.parametrize("later", [0, 5, 50], ids=["behind", "equal", "ahead"])
async def test_a_snapshot_is_restored_under_a_watch(
    own_etcd: Etcd, tmp_path: Path, later: int
) -> None:
    """The watch ends as Expired, whatever others have written before the store looks.

    Five writes are in the watch and not in the snapshot; ``later`` ones are made by another
    server first. Nothing of them reaches the watch.
    """
    snapshot = tmp_path / "snapshot"
    async with _opened(own_etcd) as store:
        after = (await store.create(b"/a/kept", b"one")).mod_revision
        etcd_tool.run(own_etcd, "snapshot", "save", str(snapshot))
        async with contextlib.aclosing(store.watch(b"/a/", after=after)) as watch:
            for number in range(5):
                await store.create(b"/a/lost-%d" % number, b"one")
            await _to(watch, b"/a/lost-4")
            before = store.incarnation
            etcd_tool.replace(own_etcd, snapshot)
            for number in range(later):
                etcd_tool.run(own_etcd, "put", f"/a/other-{number}", "two")
            with pytest.raises(errors.Expired, match="gone back in time"):
                async with asyncio.timeout(_PATIENCE):
                    await anext(watch)
        assert store.incarnation != before
        now = store.incarnation
        page = await store.list(b"/a/")
        assert len(page.records) == 1 + later
        async with contextlib.aclosing(store.watch(b"/a/", after=page.revision)) as watch:
            await store.create(b"/a/new", b"one")
            await _to(watch, b"/a/new")
        assert store.incarnation == now


async def test_revisions_alone_tell(own_etcd: Etcd, tmp_path: Path) -> None:
    """Without any watch, the first answer that is behind the known revision tells."""
    snapshot = tmp_path / "snapshot"
    async with _opened(own_etcd) as store:
        etcd_tool.run(own_etcd, "snapshot", "save", str(snapshot))
        await store.create(b"/a/lost", b"one")
        before = store.incarnation
        etcd_tool.replace(own_etcd, snapshot)
        assert await store.get(b"/a/lost") is None
        assert store.incarnation != before


async def test_another_cluster_in_its_place(own_etcd: Etcd) -> None:
    """Its id tells, also when it is at a later revision."""
    async with _opened(own_etcd) as store:
        await store.create(b"/a/lost", b"one")
        before = store.incarnation
        own_etcd.kill()
        shutil.rmtree(own_etcd.directory / "data")
        own_etcd.token = "another"
        own_etcd.start()
        for number in range(20):
            etcd_tool.run(own_etcd, "put", f"/a/other-{number}", "two")
        assert await store.get(b"/a/lost") is None
        assert store.incarnation != before


async def test_a_restart_changes_nothing(own_etcd: Etcd) -> None:
    """A cluster that was only killed has its history still: the watch goes on without a gap."""
    async with _opened(own_etcd) as store:
        after, before = await store.revision(), store.incarnation
        async with contextlib.aclosing(store.watch(b"/a/", after=after)) as watch:
            for number in range(3):
                await store.create(b"/a/%d" % number, b"one")
                await _to(watch, b"/a/%d" % number)
                own_etcd.kill()
                own_etcd.start()
                await store.revision()
        assert store.incarnation == before
