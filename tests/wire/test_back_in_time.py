"""An etcd that goes back in time under a running server: nothing is answered from before."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.etcd import EtcdStore
from tests.etcd_process import Etcd, running
from tests.faults.subjects import StoreSubject
from tests.storage import etcd_tool
from tests.wire import everywhere

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence
    from pathlib import Path

    from tests.faults.history import Seen

pytestmark = pytest.mark.etcd

_PATIENCE = 60.0


@pytest.fixture
def own_etcd(tmp_path: Path) -> Iterator[Etcd]:
    """Provide a started etcd that no other test uses."""
    with running(tmp_path / "etcd") as process:
        yield process


@pytest.mark.parametrize("cached", [True, False], ids=["cached", "uncached"])
@pytest.mark.parametrize("later", [0, 10, 80], ids=["behind", "equal", "ahead"])
async def test_lists_and_watches_are_of_what_is_there_now(
    own_etcd: Etcd, tmp_path: Path, later: int, *, cached: bool
) -> None:
    """Lists are etcd's, open watches are Expired, later ones complete.

    Ten objects are lost with the snapshot, and another server makes ``later`` ones before this
    one hears of it.
    """
    async with contextlib.AsyncExitStack() as stack:
        store = await EtcdStore.open([own_etcd.endpoint])
        stack.push_async_callback(store.close)
        server = await stack.enter_async_context(everywhere.served(store, cached=cached))
        subject = server.subject
        for number in range(3):
            await subject.create(f"kept-{number}", "one")
        snapshot = tmp_path / "snapshot"
        etcd_tool.run(own_etcd, "snapshot", "save", str(snapshot))
        after = (await subject.list()).revision
        watch = await stack.enter_async_context(contextlib.aclosing(subject.watch(after=after)))
        for number in range(10):
            await subject.create(f"lost-{number}", "one")
        await _see(watch, 10)
        for _ in range(5):
            assert len((await subject.list()).states) == 13

        etcd_tool.replace(own_etcd, snapshot)
        other = await EtcdStore.open([own_etcd.endpoint])
        stack.push_async_callback(other.close)
        below = StoreSubject(other, everywhere.PREFIX)
        for number in range(later):
            await other.create(*_config_map(f"other-{number}"))

        found = await subject.list()
        assert found.states == (await below.list()).states
        assert len(found.states) == 3 + later
        with pytest.raises(errors.Expired):
            await _see(watch, 1)
        again = subject.watch(after=found.revision)
        await stack.enter_async_context(contextlib.aclosing(again))
        await subject.create("new", "one")
        assert [seen.key for seen in await _see(again, 1)] == ["new"]
        assert (await subject.list()).states == (await below.list()).states


async def _see(watch: AsyncGenerator[Sequence[Seen], None], count: int) -> list[Seen]:
    """Read so many events."""
    found: list[Seen] = []
    async with asyncio.timeout(_PATIENCE):
        while len(found) < count:
            found += await anext(watch)
    return found


def _config_map(name: str) -> tuple[bytes, bytes]:
    value = everywhere.config_map(name)
    return everywhere.PREFIX + name.encode(), value
