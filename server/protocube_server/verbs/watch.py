"""Watch: what happens to the objects of a kind, revision by revision."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server import turns
from protocube_server.cache import encoding
from protocube_server.kinds import splice
from protocube_server.storage import paging
from protocube_server.verbs import requests, versions

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from protocube_server.cache import Selection
    from protocube_server.calls.call import Call
    from protocube_server.verbs.api import Api

_PAGE = 500
_RESPONSE = 1024 * 1024
"""Initial objects are sent in responses of about this many bytes."""
_PROGRESS_SECONDS = 1.0


async def watch(api: Api, call: Call) -> AsyncGenerator[bytes, None]:
    """Answer a WatchRequest with a stream of XWatchResponses.

    Each response holds whole revisions, so resuming after its ``resource_version``
    loses and repeats nothing. While the present objects are being sent,
    ``resource_version`` is empty: a watch cannot be resumed from there.
    """
    request = call.request
    selection = requests.selection(call)
    incarnation = api.store.incarnation
    after = versions.parse(request.resource_version)
    if after:
        versions.require_reached(after, await api.store.revision())
    else:
        async with aclosing(_present(api, selection)) as responses:
            async for response, after in responses:  # noqa: B007  # the last one is the start
                yield response
    try:
        progress = _PROGRESS_SECONDS if request.send_progress else None
        following = api.cache.watch(
            selection, after=after, incarnation=incarnation, progress=progress
        )
        async with aclosing(following) as found:
            async for response in found:
                yield response
    except errors.Expired as error:
        message = "The resourceVersion for the provided watch is too old."
        raise error.with_message(message) from None


async def _present(api: Api, selection: Selection) -> AsyncGenerator[tuple[bytes, int], None]:
    """Yield the objects of one revision as ADDED; the last response carries the revision."""
    events: list[bytes] = []
    size = at = 0
    async with aclosing(_added(api, selection)) as pages:
        async for page, at in pages:
            for event in page:
                events.append(event)
                size += len(event)
                if size > _RESPONSE:
                    yield b"".join(events), at
                    events, size = [], 0
    yield b"".join(events) + encoding.version(at) if events else encoding.progress(at), at


async def _added(api: Api, selection: Selection) -> AsyncGenerator[tuple[list[bytes], int], None]:
    """Yield the selected objects of one revision as events, in pages, at least one."""
    kind = selection.kind
    snapshot = await api.cache.newest(kind)
    if snapshot is not None:
        first, end = snapshot.between(selection.prefix, b"")
        for begin in range(first, max(end, first + 1), _PAGE):
            async with _turn(api):
                items = [
                    snapshot.items[key] for key in snapshot.keys[begin : min(begin + _PAGE, end)]
                ]
                if selection.has_selectors:
                    items = [item async for item in _matching(selection, items)]
                events = [encoding.added_item(item) for item in items]
            yield events, snapshot.revision
        return
    async with aclosing(paging.pages(api.store, selection.prefix, limit=_PAGE)) as pages:
        async for page in pages:
            async with _turn(api):
                events = [
                    encoding.added(answer)
                    for record in page.records
                    if (answer := encoding.selected(selection, record)) is not None
                ]
            yield events, page.revision


async def _matching(selection: Selection, items: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    pace = turns.Pace()
    for item in items:
        await pace.step()
        if selection.matches_answer(splice.unframed(item)):
            yield item


@asynccontextmanager
async def _turn(api: Api) -> AsyncGenerator[None, None]:
    """Make one page of a beginning, and let the event loop get round to others."""
    async with api.beginnings:
        yield
        await asyncio.sleep(0)
