"""The cache of a server whose etcd shows it nothing but its own keys."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from protocube_server.cache import Cache, Selection
from protocube_server.kinds.edition import Editions
from protocube_server.storage.etcd import EtcdStore, Security
from tests import etcd_process
from tests.cache.conftest import Cached, running
from tests.storage import etcd_tool

if TYPE_CHECKING:
    from pathlib import Path

    from protocube_server.kinds.registry import Registry


@pytest.mark.etcd
async def test_watches_are_shared_and_lists_are_the_stores(
    tmp_path: Path, registry: Registry
) -> None:
    """It cannot know that nothing is missing, so lists go to the store; watches work as ever."""
    with etcd_process.running(tmp_path / "etcd") as etcd:
        etcd_tool.confine(etcd, user="cube", password="secret", prefix="/registry/")
        async with contextlib.AsyncExitStack() as stack:
            security = Security(user="cube", password="secret")
            store = await EtcdStore.open([etcd.endpoint], security=security, home=b"/registry/")
            stack.push_async_callback(store.close)
            editions = Editions(registry)
            cache = Cache(store, b"/registry/", editions)
            await stack.enter_async_context(running(cache.run()))
            (kind,) = (
                kind for kind in registry if kind.resource.message == "protocube.core.v1.ConfigMap"
            )
            cached = Cached(store=store, cache=cache, kind=kind, editions=editions)
            record = await cached.create("a")
            for _ in range(2):
                assert await cache.newest(kind) is None
            watch = cache.watch(
                Selection(kind),
                after=record.mod_revision,
                incarnation=store.incarnation,
                progress=None,
            )
            async with contextlib.aclosing(watch), asyncio.timeout(20):
                await cached.create("b")
                assert b"b" in await anext(watch)
