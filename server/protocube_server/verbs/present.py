"""The objects that a watch begins with: the selected ones of one revision, as events."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube_server import turns
from protocube_server.cache import encoding
from protocube_server.kinds import splice
from protocube_server.storage import paging
from protocube_server.verbs import streams

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from protocube_server.cache import Selection
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

    They come in pages, one at least. ``of_item`` makes an event of an object that is framed for a
    list, ``of_answer`` of one as callers get it.
    """
    kind, snapshot = selection.kind, None
    if not selection.with_owners:
        snapshot = await (api.cache.at(kind, at) if at else api.cache.newest(kind))
    if snapshot is not None:
        first, end = snapshot.between(selection.prefix, b"")
        if first >= end:
            yield [], snapshot.revision
        for begin in range(first, end, _PAGE):
            async with streams.turn(api):
                keys = snapshot.keys[begin : min(begin + _PAGE, end)]
                items = await _matching(selection, [snapshot.items[key] for key in keys])
                events = [of_item(item) for item in selection.items(items)]
            yield events, snapshot.revision
        return
    async with aclosing(paging.pages(api.store, selection.prefix, limit=_PAGE, at=at)) as found:
        async for page in found:
            async with streams.turn(api):
                events = await _selected(selection, page.records, of_answer)
            yield events, page.revision


async def _matching(selection: Selection, items: list[bytes]) -> list[bytes]:
    if not selection.has_selectors:
        return items
    matching: list[bytes] = []
    with turns.Pace() as pace:
        for item in items:
            await pace.step()
            if selection.matches_answer(splice.unframed(item)):
                matching.append(item)
    return matching


async def _selected(
    selection: Selection, records: Iterable[Record], of_answer: Callable[[bytes], bytes]
) -> list[bytes]:
    events: list[bytes] = []
    with turns.Pace() as pace:
        for record in records:
            await pace.step()
            answer = encoding.selected(selection, record)
            if answer is not None:
                events.append(of_answer(answer))
    return events
