"""What is selected of the objects in memory, and of those of which memory has no more than labels.

Of a kind that takes too much room memory has keys, labels and fields alone. The few objects that
selectors choose are read from the store, one by one, at the revision of the rest.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from protocube_server import tasks, turns
from protocube_server.kinds import splice
from protocube_server.storage import base
from protocube_server.verbs import pages

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.cache import Selection
    from protocube_server.cache.objects import Snapshot
    from protocube_server.verbs.api import Api

_FEW: Final = 16
"""One object of so many, or fewer, are read one by one: the store gives pages at that price."""
_AT_ONCE: Final = 32


async def snapshot(api: Api, selection: Selection, at: int) -> Snapshot | None:
    """Return the objects in memory of revision ``at``, or else the newest.

    ``None`` when they are not at hand, or the store is the better place to read all of them.
    """
    if selection.with_owners:
        return None  # What is kept in memory does not tell them.
    kind = selection.kind
    found = await (api.cache.at(kind, at) if at else api.cache.newest(kind))
    if found is None or found.has_items:
        return found
    if not selection.has_selectors:
        return None
    most = len(selection.within(found.leaves, b"")) // _FEW
    chosen = await keys(selection, found, limit=most + 1)
    return found if len(chosen) <= most else None


async def keys(
    selection: Selection, found: Snapshot, *, start: bytes = b"", limit: int = 0
) -> list[bytes]:
    """Return the keys of what is selected from ``start`` on, ``limit`` at most; 0 sets none."""
    chosen: list[bytes] = []
    within = selection.within(found.leaves, start)
    with turns.Pace() as pace:
        for number in range(len(within.leaves)):
            await pace.step()
            chosen += selection.chosen(within, number).keys
            if 0 < limit <= len(chosen):
                return chosen[:limit]
    return chosen


async def read(
    api: Api, selection: Selection, found: Snapshot, chosen: list[bytes]
) -> AsyncGenerator[list[bytes], None]:
    """Yield the objects of some keys as they were, framed for a list, some at a time, in order.

    Raises as :meth:`base.Store.list` does, ``errors.Expired`` when a compaction overtakes it.
    """
    one = functools.partial(_item, api, selection, found)
    for begin in range(0, len(chosen), _AT_ONCE):
        some = chosen[begin : begin + _AT_ONCE]
        yield await tasks.some_at_a_time(one, some, at_once=_AT_ONCE)


async def _item(api: Api, selection: Selection, found: Snapshot, key: bytes) -> bytes:
    page = await api.store.list(key, limit=1, at=found.revision)
    if api.store.incarnation != found.incarnation or not page.records:
        raise base.gone_back()
    (record,) = page.records
    answer = selection.kind.answer_of(record)
    return splice.framed(pages.ITEM, selection.shown(record, answer))
