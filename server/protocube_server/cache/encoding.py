"""The bytes of watch responses, from revisions.

Responses may be joined: parsers append the events of the second to those of the first
and keep the last ``resource_version``, which is what both together say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.kinds import splice, varints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from protocube_server.cache.seen import SeenEvent, State
    from protocube_server.cache.selection import Selection
    from protocube_server.storage.base import Record

_EVENT, _VERSION, _PROGRESS, _END = 0x0A, 0x12, b"\x18\x01", b"\x20\x01"
"""Tags of XWatchResponse: events, resource_version; progress and initial_events_end set to true."""
_TYPE, _OBJECT = 0x08, 0x12
"""Tags of XEvent."""
_EVENT_TAG = bytes((_EVENT,))
_ADDED = bytes((_TYPE, requests_pb2.EVENT_TYPE_ADDED, _OBJECT))
"""What an event of an object that was added has before the object's length."""

MOST_BYTES = 4 * 1024 * 1024 - 64 * 1024
"""Of a response, unless a single event is larger: stock stubs take 4 MiB."""


def responses(selection: Selection, number: int, seen: Iterable[SeenEvent]) -> tuple[bytes, ...]:
    """Return what to send of the events of revision ``number``: nothing when none is selected.

    That is one response, unless no client would take one of that size: then all but the
    last carry no version, because a watch cannot be resumed amid a revision. Raises
    ``errors.Expired`` when the state before an event is needed and was compacted, and when a key
    plugin that would open it does not answer.
    """
    events = [
        encoded
        for each in seen
        if each.event.key.startswith(selection.prefix) and (encoded := change(selection, each))
    ]
    return in_parts(events, number)


def in_parts(events: Sequence[bytes], number: int) -> tuple[bytes, ...]:
    """Return the responses of one revision's encoded events: see :func:`responses`."""
    if not events:
        return ()
    parts: list[bytes] = []
    part: list[bytes] = []
    size = 0
    for encoded in events:
        if part and size + len(encoded) > MOST_BYTES:
            parts.append(b"".join(part))
            part, size = [], 0
        part.append(encoded)
        size += len(encoded)
    return (*parts, b"".join((*part, version(number))))


def progress(number: int) -> bytes:
    """Return the response that says that nothing up to revision ``number`` is missing."""
    return version(number) + _PROGRESS


def initial_events_end(number: int) -> bytes:
    """Return the response that says that all objects of revision ``number`` were sent."""
    return progress(number) + _END


def version(number: int) -> bytes:
    """Return a response's ``resource_version``."""
    return splice.framed(_VERSION, str(number).encode())


def added(value: bytes) -> bytes:
    """Return the event of an object that is there, in the form that callers get it."""
    return event(requests_pb2.EVENT_TYPE_ADDED, value)


def added_item(item: bytes) -> bytes:
    """As :func:`added`, from an object that is framed for a list: all but the tag stays."""
    framed = item[1:]
    return b"".join((_EVENT_TAG, varints.encode(len(_ADDED) + len(framed)), _ADDED, framed))


def event(change: int, value: bytes) -> bytes:
    """Return an event: the type of a change and an object."""
    return splice.framed(_EVENT, bytes((_TYPE, change)) + splice.framed(_OBJECT, value))


def change(
    selection: Selection, seen: SeenEvent, written: Callable[[int, bytes], bytes] = event
) -> bytes | None:
    """Return an event as the selector sees it: leaving the selection is a deletion.

    An object that is damaged is not there, for lists and for watches. ``written`` encodes the
    event. Raises as :func:`responses`.
    """
    selective = selection.has_selectors
    before, now = seen.event.previous, seen.event.record
    if (before is not None and before.passes) or (now is not None and now.passes):
        # As a damaged object it would be told as deleted. Whoever lists anew waits for the plugin.
        raise errors.Expired("an object cannot be opened now: list anew")
    if before is None and (now is None or (selective and now.version > 1)):
        # Compacted away: what the selector saw before cannot be told any more.
        raise errors.Expired("the state before the event was compacted")
    if now is not None and (shown := _shown(selection, now, seen.now)) is not None:
        # What was selected before it, or was damaged, is news.
        new = not _holds(selection, seen.before) if selective else now.version == 1
        return written(
            requests_pb2.EVENT_TYPE_ADDED if new else requests_pb2.EVENT_TYPE_MODIFIED, shown
        )
    if before is None:
        if now is not None and now.version > 1:
            raise errors.Expired("the state before the event was compacted")
        return None
    last = _last(selection, seen, before)
    return written(requests_pb2.EVENT_TYPE_DELETED, last) if last is not None else None


def _last(selection: Selection, seen: SeenEvent, before: Record) -> bytes | None:
    """Return an object as it last was selected, at the revision that took it away."""
    if seen.before is not None and not selection.holds(seen.before.traits):
        return None
    shown = _shown(selection, before, seen.before)
    if shown is None and seen.event.record is None:
        # Readers may have it from before it was damaged. Once it is gone, that is known.
        return selection.kind.remnant(before, seen.event.revision)
    return shown


def _holds(selection: Selection, state: State | None) -> bool:
    """Tell whether an object was selected, and could be read."""
    return state is not None and selection.holds(state.traits)


def _shown(selection: Selection, record: Record, state: State | None) -> bytes | None:
    """Return an object as callers get it; ``None`` for one that is not selected or is damaged."""
    if state is None or not selection.holds(state.traits):
        return None
    try:
        return selection.shown(record, state.answer)
    except errors.Damaged:
        return None
