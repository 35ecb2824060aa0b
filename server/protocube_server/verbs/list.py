"""List: the objects of a kind, in pages of one revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.kinds import splice
from protocube_server.verbs import pages, requests, versions
from protocube_server.verbs.filters import Filter

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.verbs.api import Api, Call

_RESERVED = 16 * 1024
"""Room in a response for the list's own fields and the frames around the items."""

_FIRST_READ = 128
_MOST_READ = 4000
"""Records read from the store at once: few while their size is unknown, so that a page of
large objects does not pull in hundreds of megabytes."""

_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list without the continue parameter."
)


async def list_(api: Api, kind: Kind, raw: bytes, call: Call) -> bytes:
    """Answer a ListRequest with a page. Without selectors, no value is parsed."""
    request = requests.parse(requests_pb2.ListRequest, raw)
    if request.limit < 0:
        raise errors.BadRequest(f"limit must not be negative: {request.limit}")
    prefix = kind.prefix(request.namespace)
    chosen = Filter(kind, request.label_selector, request.field_selector)
    at, not_older, start = _where(request, prefix)
    budget = api.limits.response - _RESERVED
    items: list[bytes] = []
    size, read = 0, _FIRST_READ
    while True:
        most = min(read, request.limit - len(items)) if request.limit and not chosen else read
        try:
            page = await api.store.list(prefix, start=start, limit=most, at=at)
        except errors.Expired as error:
            raise error.with_message(
                _EXPIRED if request.continue_token else error.message
            ) from None
        versions.require_reached(not_older, page.revision)
        at = page.revision
        for index, record in enumerate(page.records):
            if chosen and not chosen.matches(record.value):
                continue
            item = splice.framed(pages.ITEM, kind.answer(record.value, record.mod_revision))
            full = request.limit and len(items) >= request.limit
            if full or (items and size + len(item) > budget):
                left = None if chosen else page.count - index
                return _page(
                    kind, items, prefix, pages.Position(revision=at, start=record.key), left
                )
            items.append(item)
            size += len(item)
        if not page.more:
            return pages.encode_list(kind, items, revision=at)
        start = page.records[-1].key + b"\0"
        if request.limit and len(items) >= request.limit:
            left = None if chosen else page.count - len(page.records)
            return _page(kind, items, prefix, pages.Position(revision=at, start=start), left)
        average = max(1, sum(len(record.value) for record in page.records) // len(page.records))
        read = max(16, min(_MOST_READ, (budget - size) // average + 1))


def _where(request: requests_pb2.ListRequest, prefix: bytes) -> tuple[int, int, bytes]:
    """Give the revision to read at, the one not to be older than, and the first key."""
    match = request.resource_version_match
    asked = versions.parse(request.resource_version)
    if request.continue_token:
        if request.resource_version not in ("", "0"):
            message = "specifying resource version is not allowed when using continue"
            raise errors.BadRequest(message)
        position = pages.decode_token(request.continue_token, prefix)
        return position.revision, 0, position.start
    if match and not request.resource_version:
        message = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        raise errors.BadRequest(message)
    if match == requests_pb2.RESOURCE_VERSION_MATCH_EXACT:
        if not asked:
            message = 'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"'
            raise errors.BadRequest(message)
        return asked, 0, b""
    # Kubernetes' rule for requests from before there was a match: a page of a
    # version is of exactly that version.
    if not match and asked and request.limit:
        return asked, 0, b""
    return 0, asked, b""


def _page(
    kind: Kind, items: list[bytes], prefix: bytes, position: pages.Position, left: int | None
) -> bytes:
    token = pages.encode_token(position, prefix)
    return pages.encode_list(kind, items, revision=position.revision, token=token, remaining=left)
