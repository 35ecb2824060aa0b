"""Watch: what happens to the objects of a kind, revision by revision."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.kinds import splice
from protocube_server.verbs import requests, versions
from protocube_server.verbs.filters import Filter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Event, Revision
    from protocube_server.verbs.api import Api, Call

_EVENT, _VERSION, _PROGRESS = 0x0A, 0x12, b"\x18\x01"
"""Tags of XWatchResponse: events, resource_version; and progress set to true."""
_TYPE, _OBJECT = 0x08, 0x12
"""Tags of XEvent."""

_PAGE = 500
_RESPONSE = 1024 * 1024
"""Initial objects are sent in responses of about this many bytes."""


async def watch(api: Api, kind: Kind, raw: bytes, call: Call) -> AsyncGenerator[bytes, None]:
    """Answer a WatchRequest with a stream of XWatchResponses.

    Each response holds whole revisions, so resuming after its ``resource_version``
    loses and repeats nothing. While the present objects are being sent,
    ``resource_version`` is empty: a watch cannot be resumed from there.
    """
    request = requests.parse(requests_pb2.WatchRequest, raw)
    chosen = Filter(kind, request.label_selector, request.field_selector)
    prefix = kind.prefix(request.namespace)
    after = versions.parse(request.resource_version)
    if after:
        versions.require_reached(after, await api.store.revision())
    else:
        async with aclosing(_present(api, kind, prefix, chosen)) as responses:
            async for response, after in responses:  # noqa: B007  # the last one is the start
                yield response
    try:
        async with aclosing(
            api.store.watch(prefix, after=after, progress=request.send_progress)
        ) as found:
            async for revision in found:
                encoded = _encode(kind, revision, chosen)
                if encoded is not None:
                    yield encoded
    except errors.Expired as error:
        message = "The resourceVersion for the provided watch is too old."
        raise error.with_message(message) from None


async def _present(
    api: Api, kind: Kind, prefix: bytes, chosen: Filter
) -> AsyncGenerator[tuple[bytes, int], None]:
    """Give the objects of one revision as ADDED; the last response carries the revision."""
    events: list[bytes] = []
    size = at = 0
    start = b""
    while True:
        page = await api.store.list(prefix, start=start, limit=_PAGE, at=at)
        at = page.revision
        for record in page.records:
            if chosen.matches(record.value):
                value = kind.answer(record.value, record.mod_revision)
                events.append(_event(requests_pb2.EVENT_TYPE_ADDED, value))
                size += len(value)
            if size > _RESPONSE:
                yield b"".join(events), at
                events, size = [], 0
        if not page.more:
            break
        start = page.records[-1].key + b"\0"
    version = splice.framed(_VERSION, str(at).encode())
    yield b"".join((*events, version) if events else (version, _PROGRESS)), at


def _encode(kind: Kind, revision: Revision, chosen: Filter) -> bytes | None:
    """Give the response of one revision, ``None`` when nothing in it was selected."""
    version = splice.framed(_VERSION, str(revision.number).encode())
    if not revision.events:
        return version + _PROGRESS
    events = [encoded for event in revision.events if (encoded := _change(kind, event, chosen))]
    return b"".join((*events, version)) if events else None


def _change(kind: Kind, event: Event, chosen: Filter) -> bytes | None:
    """Give an event as the selector sees it: leaving the selection is a deletion."""
    before, now = event.previous, event.record
    if before is None and (now is None or (chosen and now.version > 1)):
        # Compacted away: what the selector saw before cannot be told any more.
        raise errors.Expired("the state before the event was compacted")
    if chosen:
        before = before if before is not None and chosen.matches(before.value) else None
        now = now if now is not None and chosen.matches(now.value) else None
    if now is not None:
        new = before is None if chosen else now.version == 1
        change = requests_pb2.EVENT_TYPE_ADDED if new else requests_pb2.EVENT_TYPE_MODIFIED
        return _event(change, kind.answer(now.value, event.revision))
    if before is None:
        return None
    # The object as it last matched, at the revision that took it away.
    return _event(requests_pb2.EVENT_TYPE_DELETED, kind.answer(before.value, event.revision))


def _event(change: int, value: bytes) -> bytes:
    return splice.framed(_EVENT, bytes((_TYPE, change)) + splice.framed(_OBJECT, value))
