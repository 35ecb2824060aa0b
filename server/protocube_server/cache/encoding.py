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
    from collections.abc import Callable, Sequence

    from protocube_server.cache.selection import Selection
    from protocube_server.storage.base import Event, Record, Revision

_EVENT, _VERSION, _PROGRESS, _END = 0x0A, 0x12, b"\x18\x01", b"\x20\x01"
"""Tags of XWatchResponse: events, resource_version; progress and initial_events_end set to true."""
_TYPE, _OBJECT = 0x08, 0x12
"""Tags of XEvent."""
_EVENT_TAG = bytes((_EVENT,))
_ADDED = bytes((_TYPE, requests_pb2.EVENT_TYPE_ADDED, _OBJECT))
"""What an event of an object that was added has before the object's length."""

MOST_BYTES = 4 * 1024 * 1024 - 64 * 1024
"""Of a response, unless a single event is larger: stock stubs take 4 MiB."""


def responses(selection: Selection, revision: Revision) -> tuple[bytes, ...]:
    """Return what to send of one revision: nothing when nothing in it was selected.

    That is one response, unless no client would take one of that size: then all but the
    last carry no version, because a watch cannot be resumed amid a revision. Raises
    ``errors.Expired`` when the state before an event is needed and was compacted, and when a key
    plugin that would open it does not answer.
    """
    events = [
        encoded
        for event in revision.events
        if event.key.startswith(selection.prefix) and (encoded := change(selection, event))
    ]
    return in_parts(events, revision.number)


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
    selection: Selection, happened: Event, written: Callable[[int, bytes], bytes] = event
) -> bytes | None:
    """Return an event as the selector sees it: leaving the selection is a deletion.

    An object that is damaged is not there, for lists and for watches. ``written`` encodes the
    event. Raises as :func:`responses`.
    """
    kind, selective = selection.kind, selection.has_selectors
    before, now = happened.previous, happened.record
    if (before is not None and before.passes) or (now is not None and now.passes):
        # As a damaged object it would be told as deleted. Whoever lists anew waits for the plugin.
        raise errors.Expired("an object cannot be opened now: list anew")
    if before is None and (now is None or (selective and now.version > 1)):
        # Compacted away: what the selector saw before cannot be told any more.
        raise errors.Expired("the state before the event was compacted")
    seen = selected(selection, now)
    if now is not None and seen is not None:
        # What was selected before it, or was damaged, is news.
        new = not _matched(selection, before) if selective else now.version == 1
        return written(
            requests_pb2.EVENT_TYPE_ADDED if new else requests_pb2.EVENT_TYPE_MODIFIED, seen
        )
    if before is None:
        if now is not None and now.version > 1:
            raise errors.Expired("the state before the event was compacted")
        return None
    # The object as it last matched, at the revision that took it away.
    at = happened.revision
    try:
        last = selection.answer_at(before, at) if selection.matches(before) else None
    except errors.Damaged:
        # Readers may have it from before it was damaged. Once it is gone, that is known.
        last = kind.remnant(before, at) if now is None else None
    return written(requests_pb2.EVENT_TYPE_DELETED, last) if last is not None else None


def selected(selection: Selection, record: Record | None) -> bytes | None:
    """Return a record as callers get it; ``None`` for one that is not selected or is damaged."""
    try:
        return selection.answer(record) if record is not None else None
    except errors.Damaged:
        return None


def _matched(selection: Selection, record: Record | None) -> bool:
    """Tell whether a record was selected, and could be read."""
    try:
        return record is not None and selection.matches(record)
    except errors.Damaged:
        return False
