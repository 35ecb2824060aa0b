"""The objects that a watch begins with: the selected ones of one revision, as events."""

from __future__ import annotations

import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server import turns
from protocube_server.storage import paging
from protocube_server.verbs import held, streams

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator

    from protocube_server.cache import Selection
    from protocube_server.cache.leaves import Range
    from protocube_server.cache.objects import Snapshot
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api

_PAGE = 500
_RESPONSE = 1024 * 1024
"""The events are sent in responses of about this many bytes."""


class Joined:
    """Events that become responses."""

    def __init__(self) -> None:
        self._events: list[bytes] = []
        self._size = 0

    def add(self, event: bytes) -> bytes:
        """Add an event; return a response when there is enough for one, else nothing."""
        self._events.append(event)
        self._size += len(event)
        return self.rest() if self._size > _RESPONSE else b""

    def rest(self) -> bytes:
        """Return a response of the events that are in none yet; nothing if there are none."""
        response = b"".join(self._events)
        self._events, self._size = [], 0
        return response


async def pages(
    api: Api,
    selection: Selection,
    *,
    of_item: Callable[[bytes], bytes],
    of_answer: Callable[[bytes], bytes],
    at: int = 0,
) -> AsyncGenerator[tuple[list[bytes], int], None]:
    """Yield the selected objects of revision ``at``, or else the newest, as events, and of which.

    They come in pages, one at least, and the last one may be empty. ``of_item`` makes an event of
    an object that is framed for a list, ``of_answer`` of one as callers get it.
    """
    snapshot = await held.snapshot(api, selection, at)
    if snapshot is not None:
        async with aclosing(_from_memory(api, selection, snapshot)) as found:
            async for items in found:
                yield [of_item(item) for item in items], snapshot.revision
        return
    async with aclosing(paging.pages(api.store, selection.prefix, limit=_PAGE, at=at)) as read:
        async for page in read:
            async with streams.turn(api):
                events = await _selected(selection, page.records, of_answer)
            yield events, page.revision


async def _from_memory(
    api: Api, selection: Selection, snapshot: Snapshot
) -> AsyncGenerator[list[bytes], None]:
    """Yield the selected objects of a snapshot, framed for a list."""
    if not snapshot.has_items:
        async with streams.turn(api):
            keys = await held.keys(selection, snapshot)
        async with aclosing(held.read(api, selection, snapshot, keys)) as read:
            async for items in read:
                yield items
        yield []
        return
    found = selection.within(snapshot.leaves, b"")
    numbers = iter(range(len(found.leaves)))
    while True:
        async with streams.turn(api):
            items = await _some(selection, found, numbers)
        yield items
        if len(items) < _PAGE:
            return


async def _some(selection: Selection, found: Range, numbers: Iterator[int]) -> list[bytes]:
    """Return the selected objects of the next leaves of a range, a page of them or all."""
    items: list[bytes] = []
    with turns.Pace() as pace:
        for number in numbers:
            await pace.step()
            items += selection.chosen(found, number).items
            if len(items) >= _PAGE:
                break
    return items


async def _selected(
    selection: Selection, records: Iterable[Record], of_answer: Callable[[bytes], bytes]
) -> list[bytes]:
    events: list[bytes] = []
    with turns.Pace() as pace:
        for record in records:
            await pace.step()
            with contextlib.suppress(errors.Damaged):
                answer = selection.answer(record)
                if answer is not None:
                    events.append(of_answer(answer))
    return events
