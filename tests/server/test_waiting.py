"""A store that is awaited: what may be done with it before and after it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.awaited import AwaitedStore
from protocube_server.storage.etcd.security import PLAIN
from protocube_server.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from protocube_server.storage.base import Store


class _Preparation:
    """Fails as it is told to, and then writes something."""

    def __init__(self, faults: Iterator[Exception]) -> None:
        self._faults = faults

    async def __call__(self, store: Store) -> None:
        """Prepare ``store``."""
        for fault in self._faults:
            raise fault
        await store.create(b"/prepared", b"one")


def _lost() -> errors.OutcomeUnknown:
    return errors.OutcomeUnknown("the leader was lost")


async def _try_until_there(store: AwaitedStore) -> None:
    while not await store.try_to_open():
        pass


async def test_a_store_whose_leader_is_lost_at_the_start(tmp_path: Path) -> None:
    """A first write whose answer is lost is made again; nobody sees the store before it."""
    file = tmp_path / "store.db"
    prepare = _Preparation(iter([_lost(), _lost()]))
    store = AwaitedStore(f"sqlite:{file}", PLAIN, prepare)
    for _ in range(2):
        assert not await store.try_to_open()
        with pytest.raises(errors.Unavailable, match="waits for its store: the leader was lost"):
            await store.get(b"/prepared")
    assert await store.try_to_open()
    record = await store.get(b"/prepared")
    assert record is not None
    assert record.version == 1
    await store.close()


async def test_a_store_that_never_takes_the_first_write(tmp_path: Path) -> None:
    """It is not tried for ever: the server ends with the reason, and the file is free."""
    file = tmp_path / "store.db"
    store = AwaitedStore(f"sqlite:{file}", PLAIN, _Preparation(iter(_lost, None)))
    with pytest.raises(errors.OutcomeUnknown, match="the leader was lost"):
        await _try_until_there(store)
    await (await SqliteStore.open(file)).close()


async def test_a_fault_of_ours_ends_the_wait(tmp_path: Path) -> None:
    """What waiting cannot mend is raised at once, and the file is free."""
    file = tmp_path / "store.db"
    prepare = _Preparation(iter([LookupError("ours")]))
    store = AwaitedStore(f"sqlite:{file}", PLAIN, prepare)
    with pytest.raises(LookupError, match="ours"):
        await store.arrive()
    await (await SqliteStore.open(file)).close()
    await store.close()


async def test_every_call_is_refused_before(tmp_path: Path) -> None:
    """Reads, writes and watches: none of them waits, and each says why."""
    store = AwaitedStore(f"sqlite:{tmp_path}/store.db", PLAIN, _Preparation(iter(())))
    for call in (
        lambda: store.get(b"/a"),
        lambda: store.list(b"/"),
        lambda: store.create(b"/a", b"one"),
        lambda: anext(store.watch(b"/", after=1)),
        store.revision,
        lambda: store.compact(1),
    ):
        with pytest.raises(errors.Unavailable, match="its store: it has not answered yet"):
            await call()
    await store.close()
