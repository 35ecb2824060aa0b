"""What others write while the collector looks."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.tasks import beside
from protocube_server.upkeep.collector.worker import collecting
from tests.faults.broken_stores import BrokenStore
from tests.garbage_collection.graphs import GHOST
from tests.upkeep.conftest import PATIENCE
from tests.upkeep.in_process import InProcess, term_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from protocube_server.storage.base import Record, Store


class Meddling(BrokenStore):
    """A store in which somebody acts between two reads of one key."""

    def __init__(self, store: Store, key: bytes, act: Callable[[], Awaitable[Any]]) -> None:
        super().__init__(store)
        self._key = key
        self._act = act
        self._reads = 0

    async def get(self, key: bytes) -> Record | None:
        """See :meth:`base.Store.get`."""
        self._reads += key == self._key
        if self._reads == 2:
            self._reads += 1
            await self._act()
        return await super().get(key)


@pytest.mark.parametrize("is_replaced", [False, True], ids=["changed", "replaced"])
async def test_what_has_changed_since_it_was_judged_stays(
    tmp_path: Path, *, is_replaced: bool
) -> None:
    """A dependent that gets rid of its reference, or another object of its name, is not deleted."""
    store = await SqliteStore.open(tmp_path / "store.db")
    house = await InProcess.over(store)
    await house.create("cm", "d", metadata={"ownerReferences": [GHOST]})

    async def act() -> None:
        if is_replaced:
            await house.delete("cm", "d")
            await house.create("cm", "d")
            return
        found = await house.get("cm", "d")
        del found.metadata.owner_references[:]
        await house.update("cm", found)

    meddling = Meddling(store, house.kind("cm").key("default", "d"), act)
    worked = await InProcess.over(meddling)
    term = await term_of(store, 1)

    async def work() -> None:
        await collecting(worked.api)(term)

    async with beside(work()):
        for number in range(40):
            await house.create("cm", f"m-{number}", metadata={"ownerReferences": [GHOST]})
        await _collected(house, "m-")
    try:
        assert not (await house.get("cm", "d")).metadata.owner_references
    except errors.NotFound:
        pytest.fail("an object was deleted that had no absent owner when it was")
    finally:
        await store.close()


async def _collected(house: InProcess, beginning: str) -> None:
    """Return once no ConfigMap is there whose name begins so."""
    prefix, store = house.kind("cm").prefix("default"), house.api.store
    after = await store.revision()
    async with asyncio.timeout(PATIENCE), aclosing(store.watch(prefix, after=after)) as watch:
        while (await store.list(prefix + beginning.encode(), limit=1)).records:
            await anext(watch)
