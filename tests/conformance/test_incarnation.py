"""Which history a store is of. How it changes is each store's own; see ``tests/storage``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conformance.watching import take, watching

if TYPE_CHECKING:
    from protocube_server.storage.base import Store


async def test_it_stays_while_the_history_goes_on(store: Store, prefix: bytes) -> None:
    """Neither writes nor deletions, watches nor compaction make another one."""
    before = store.incarnation
    assert before
    record = await store.create(prefix + b"a", b"one")
    async with watching(store, prefix, after=record.mod_revision) as watch:
        for number in range(5):
            await store.create(prefix + b"b%d" % number, b"one")
        await store.delete(prefix + b"a")
        await take(watch, 6)
    await store.compact(await store.revision())
    await store.list(prefix)
    assert store.incarnation == before
