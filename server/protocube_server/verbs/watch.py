"""Watch: what happens to the objects of a kind, revision by revision."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.cache import encoding
from protocube_server.verbs import present, requests, streams, versions, watch_options

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.cache import Selection
    from protocube_server.calls.call import Call
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.watch_options import Beginning


def watch(api: Api, call: Call) -> AsyncGenerator[bytes, None]:
    """Answer a WatchRequest with a stream of XWatchResponses.

    Each response holds whole revisions, so resuming after its ``resource_version``
    loses and repeats nothing. While the present objects are being sent,
    ``resource_version`` is empty: a watch cannot be resumed from there.
    """
    beginning = watch_options.beginning(call.request)
    end = streams.end(call.request)
    return streams.until(end, _responses(api, call, beginning, end))


async def _responses(
    api: Api, call: Call, beginning: Beginning, end: float | None
) -> AsyncGenerator[bytes, None]:
    request = call.request
    selection = requests.selection(call, metadata_only=request.metadata_only)
    incarnation = api.store.incarnation
    after = beginning.version
    if after and not beginning.with_objects:
        await versions.wait_for(after, api.store)
    if beginning.with_objects:
        versions.require_reached(after, await api.store.revision() if after else 0)
        marked = beginning.is_end_marked
        async with aclosing(_present(api, selection, is_end_marked=marked)) as responses:
            async for response, after in responses:  # noqa: B007  # the last one is the start
                yield response
    elif not after:
        after = await api.store.revision()
        yield encoding.progress(after)
    try:
        progress = streams.PROGRESS_SECONDS if request.send_progress else None
        following = api.cache.watch(
            selection, after=after, incarnation=incarnation, progress=progress, end=end
        )
        async with aclosing(following) as found:
            async for response in found:
                yield response
    except errors.Expired as error:
        raise await streams.too_old(api, after, error) from None


async def _present(
    api: Api, selection: Selection, *, is_end_marked: bool
) -> AsyncGenerator[tuple[bytes, int], None]:
    """Yield the objects of one revision as ADDED; the last response carries the revision.

    With ``is_end_marked`` that one has no objects.
    """
    joined, at = present.Joined(), 0
    found = present.pages(api, selection, of_item=encoding.added_item, of_answer=encoding.added)
    async with aclosing(found) as pages:
        async for page, at in pages:
            for event in page:
                if response := joined.add(event):
                    yield response, at
    rest = joined.rest()
    if is_end_marked:
        if rest:
            yield rest, at
        yield encoding.initial_events_end(at), at
    else:
        yield rest + encoding.version(at) if rest else encoding.progress(at), at
