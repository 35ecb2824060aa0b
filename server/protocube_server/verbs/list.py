"""List: the objects of a kind, in pages of one revision."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server import turns
from protocube_server.kinds import splice
from protocube_server.storage import base
from protocube_server.verbs import held, list_options, pages, requests, versions
from protocube_server.verbs.list_page import ListPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.cache.leaves import Leaves
    from protocube_server.cache.objects import Snapshot
    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.list_options import Place

_RESERVED = 16 * 1024
"""Room in a response for the list's own fields and the frames around the items."""

_FIRST_READ = 128
_MOST_READ = 4000
"""Records read from the store at once: few while their size is unknown, so that a page of
large objects does not pull in hundreds of megabytes."""

_EXPIRED = "The resourceVersion for the provided list is too old."
_EXPIRED_PAGE = (
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list without the continue parameter, or use the continue token in this response to "
    "retrieve the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list - objects that were created, modified, or deleted between the time the "
    "first chunk was returned and now may show up in the list."
)


async def list_(api: Api, call: Call) -> bytes:
    """Answer a ListRequest with a page. What cannot be read is left out, with a warning."""
    request = call.request
    chosen = requests.selection(call, metadata_only=request.metadata_only)
    place = list_options.place(request, chosen.prefix)
    page = ListPage(
        chosen=chosen,
        start=place.start,
        limit=max(0, request.limit),
        budget=api.limits.response - _RESERVED,
    )
    snapshot = await held.snapshot(api, chosen, place.at)
    if snapshot is None:
        return await _from_store(api, call, page, place)
    versions.require_reached(place.not_older, snapshot.revision)
    try:
        answer = await _from_memory(api, call, snapshot, page)
    except errors.Expired as error:
        raise _expired(call, page) from error
    if page.goes_on:
        api.cache.retain(call.kind, snapshot)
    return answer


async def _from_store(api: Api, call: Call, page: ListPage, place: Place) -> bytes:
    chosen, at, start = page.chosen, place.at, page.start
    most = _FIRST_READ
    incarnation = api.store.incarnation
    while True:
        if page.limit and not chosen.has_selectors:
            most = min(most, page.limit - len(page.items))
        try:
            read = await api.store.list(chosen.prefix, start=start, limit=most, at=at)
        except errors.Expired as error:
            raise _expired(call, page) from error
        except errors.Timeout:
            versions.require_reached(at, await api.store.revision())
            raise
        versions.require_reached(place.not_older, read.revision)
        if at and api.store.incarnation != incarnation:
            raise base.gone_back()
        incarnation = api.store.incarnation
        at = read.revision
        count = await _take(call, page, read.records)
        if count < len(read.records):
            start = read.records[count].key
            return page.answer(at, start=start, left=read.count - count)
        if not read.more:
            return page.answer(at)
        start = read.records[-1].key + b"\0"
        if page.is_full:
            return page.answer(at, start=start, left=read.count - count)
        average = max(1, sum(len(record.value) for record in read.records) // count)
        most = max(16, min(_MOST_READ, (page.budget - page.size) // average + 1))


async def _take(call: Call, page: ListPage, records: Sequence[Record]) -> int:
    """Add records to a page; return how many were looked at before it was full."""
    with turns.Pace() as pace:
        for index, record in enumerate(records):
            await pace.step()
            if page.is_full:
                return index
            try:
                answer = page.chosen.answer(record)
            except errors.Damaged as error:
                call.warnings.append(left_out(error.message))
                continue
            if answer is not None and not page.add(splice.framed(pages.ITEM, answer)):
                return index
    return len(records)


def _expired(call: Call, page: ListPage) -> errors.Expired:
    """Return the error of a list at a revision that is compacted.

    Of a page behind the first it has the token that reads the rest at the newest revision.
    """
    if not call.request.continue_token:
        return errors.Expired(_EXPIRED)
    position = pages.Position(revision=0, start=page.start)
    token = pages.encode_token(position, page.chosen.prefix)
    return errors.Expired(_EXPIRED_PAGE, continue_token=token)


def left_out(message: str) -> str:
    """Return the warning about an object that is missing from an answer."""
    return f"{message}: it is left out"


async def _from_memory(api: Api, call: Call, snapshot: Snapshot, page: ListPage) -> bytes:
    chosen, leaves = page.chosen, snapshot.leaves
    if snapshot.has_items:
        last = await _take_items(page, leaves)
    else:
        last = await _take_read(api, page, snapshot)
    start = leaves.below(chosen.prefix, last).first_key() if last else b""
    for key in sorted(snapshot.damaged):
        if key.startswith(chosen.prefix) and page.start <= key and (not start or key < start):
            call.warnings.append(left_out(snapshot.damaged[key]))
    is_counted = start and not chosen.has_selectors
    left = len(leaves.below(chosen.prefix, start)) if is_counted else 0
    return page.answer(snapshot.revision, start=start, left=left)


async def _take_items(page: ListPage, leaves: Leaves) -> bytes:
    """Add objects to a page; return a key before that of the next one that belongs on another."""
    found = page.chosen.within(leaves, page.start)
    with turns.Pace() as pace:
        for number in range(len(found.leaves)):
            await pace.step()
            keys, items = page.chosen.chosen(found, number)
            if not items:
                continue
            if page.add_all(items):
                if page.is_full:
                    return keys[-1] + b"\0"
                continue
            for key, item in zip(keys, items, strict=True):
                if not page.add(item):
                    return key
                if page.is_full:
                    return key + b"\0"
    return b""


async def _take_read(api: Api, page: ListPage, snapshot: Snapshot) -> bytes:
    """As :func:`_take_items`, of objects that are read from the store."""
    keys = await held.keys(page.chosen, snapshot, start=page.start, limit=page.limit)
    place = 0
    async with aclosing(held.read(api, page.chosen, snapshot, keys)) as found:
        async for items in found:
            for key, item in zip(keys[place:], items, strict=False):
                if not page.add(item):
                    return key
                if page.is_full:
                    return key + b"\0"
            place += len(items)
    return b""
