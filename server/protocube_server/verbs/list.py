"""List: the objects of a kind, in pages of one revision."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server import turns
from protocube_server.kinds import splice
from protocube_server.storage import base
from protocube_server.verbs import pages, requests, versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.cache import Selection
    from protocube_server.cache.objects import Snapshot
    from protocube_server.calls.call import Call
    from protocube_server.verbs.api import Api

_RESERVED = 16 * 1024
"""Room in a response for the list's own fields and the frames around the items."""

_FIRST_READ = 128
_MOST_READ = 4000
"""Records read from the store at once: few while their size is unknown, so that a page of
large objects does not pull in hundreds of megabytes."""

_STEP = 1000
"""Objects that are gone through in one go."""

_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list without the continue parameter."
)


async def list_(api: Api, call: Call) -> bytes:
    """Answer a ListRequest with a page. What cannot be read is left out, with a warning."""
    kind, request = call.kind, call.request
    if request.limit < 0:
        raise errors.BadRequest(f"limit must not be negative: {request.limit}")
    chosen = requests.selection(call)
    at, not_older, start = _where(request, chosen.prefix)
    if request.continue_token:
        snapshot = await api.cache.at(kind, at)
    else:
        snapshot = None if at else await api.cache.newest(kind)
    wanted = _Wanted(
        chosen=chosen,
        start=start,
        limit=request.limit,
        budget=api.limits.response - _RESERVED,
    )
    if snapshot is None:
        return await _from_store(api, call, wanted, at, not_older)
    versions.require_reached(not_older, snapshot.revision)
    page, is_part = await _from_memory(call, snapshot, wanted)
    if is_part:
        api.cache.retain(kind, snapshot)
    return page


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A page to give: of what, from which key on, and how much at most."""

    chosen: Selection
    start: bytes
    limit: int
    """In objects; 0 sets none."""
    budget: int
    """In bytes."""

    def page(
        self, items: Sequence[bytes], *, revision: int, start: bytes = b"", left: int | None = None
    ) -> bytes:
        """Return the bytes of a page that goes on at ``start``, if there is one."""
        kind = self.chosen.kind
        if not start:
            return pages.encode_list(kind, items, revision=revision)
        token = pages.encode_token(
            pages.Position(revision=revision, start=start), self.chosen.prefix
        )
        # How many of the rest a selector would choose is not known.
        remaining = None if self.chosen.has_selectors else left
        return pages.encode_list(kind, items, revision=revision, token=token, remaining=remaining)


async def _from_store(api: Api, call: Call, wanted: _Wanted, at: int, not_older: int) -> bytes:
    chosen, start = wanted.chosen, wanted.start
    limit, budget = wanted.limit, wanted.budget
    items: list[bytes] = []
    size, read = 0, _FIRST_READ
    incarnation = api.store.incarnation
    pace = turns.Pace()
    while True:
        most = min(read, limit - len(items)) if limit and not chosen.has_selectors else read
        try:
            page = await api.store.list(chosen.prefix, start=start, limit=most, at=at)
        except errors.Expired as error:
            is_continued = bool(call.request.continue_token)
            raise error.with_message(_EXPIRED if is_continued else error.message) from None
        versions.require_reached(not_older, page.revision)
        if at and api.store.incarnation != incarnation:
            raise base.gone_back()
        incarnation = api.store.incarnation
        at = page.revision
        for index, record in enumerate(page.records):
            await pace.step()
            try:
                answer = chosen.answer(record)
            except errors.Damaged as error:
                call.warnings.append(left_out(error.message))
                continue
            if answer is None:
                continue
            item = splice.framed(pages.ITEM, answer)
            full = limit and len(items) >= limit
            if full or (items and size + len(item) > budget):
                left = page.count - index
                return wanted.page(items, revision=at, start=record.key, left=left)
            items.append(item)
            size += len(item)
        if not page.more:
            return wanted.page(items, revision=at)
        start = page.records[-1].key + b"\0"
        if limit and len(items) >= limit:
            left = page.count - len(page.records)
            return wanted.page(items, revision=at, start=start, left=left)
        average = max(1, sum(len(record.value) for record in page.records) // len(page.records))
        read = max(16, min(_MOST_READ, (budget - size) // average + 1))


def left_out(message: str) -> str:
    """Return the warning about an object that is missing from an answer."""
    return f"{message}: it is left out"


async def _from_memory(call: Call, snapshot: Snapshot, wanted: _Wanted) -> tuple[bytes, bool]:
    """Return a page, and whether another one follows."""
    chosen = wanted.chosen

    def warn(end: bytes) -> None:
        for key in sorted(snapshot.damaged):
            if key.startswith(chosen.prefix) and wanted.start <= key and (not end or key < end):
                call.warnings.append(left_out(snapshot.damaged[key]))

    first, end = snapshot.between(chosen.prefix, wanted.start)
    has_selectors, limit, budget = chosen.has_selectors, wanted.limit, wanted.budget
    items: list[bytes] = []
    size = 0
    pace = turns.Pace()
    for begin in range(first, end, _STEP):
        if begin > first:
            await asyncio.sleep(0)  # Others are not to wait for a long list.
        for index, key in enumerate(snapshot.keys[begin : min(begin + _STEP, end)], begin):
            item = snapshot.items[key]
            if has_selectors:
                await pace.step()
                if not chosen.matches_answer(splice.unframed(item)):
                    continue
            if (limit and len(items) >= limit) or (items and size + len(item) > budget):
                warn(key)
                page = wanted.page(items, revision=snapshot.revision, start=key, left=end - index)
                return page, True
            items.append(item)
            size += len(item)
    warn(b"")
    return wanted.page(items, revision=snapshot.revision), False


def _where(request: requests_pb2.ListRequest, prefix: bytes) -> tuple[int, int, bytes]:
    """Return the revision to read at, the one not to be older than, and the first key."""
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
