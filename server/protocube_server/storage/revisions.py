"""Putting events together into whole revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.storage import base

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def whole(events: Iterable[base.Event]) -> Iterator[base.Revision]:
    """Yield the revisions of ``events``, which come in order and lack none of the last revision."""
    same: list[base.Event] = []
    for event in events:
        if same and same[0].revision != event.revision:
            yield base.Revision(number=same[0].revision, events=tuple(same))
            same = []
        same.append(event)
    if same:
        yield base.Revision(number=same[0].revision, events=tuple(same))


def size_of(event: base.Event) -> int:
    """Return the bytes of an event's values."""
    return sum(len(record.value) for record in (event.record, event.previous) if record)
