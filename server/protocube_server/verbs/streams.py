"""What all streams of events have in common."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube import errors
    from protocube_server.cache.marks import Marks
    from protocube_server.storage.base import Revision
    from protocube_server.verbs.api import Api

PROGRESS_SECONDS = 60.0
"""Between two progress marks; Kubernetes' time."""


def end(request: Any) -> float | None:
    """Return when the stream of a request ends by itself, in the time of the event loop."""
    seconds = request.timeout_seconds
    return asyncio.get_running_loop().time() + seconds if seconds > 0 else None


def until(end: float | None, responses: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Return the stream of what comes until ``end``, all of it for ``None``."""
    return responses if end is None else _until(end, responses)


async def _until(end: float, responses: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(responses):
        while True:
            # Not around the yield: what happens there is no part of this.
            try:
                async with asyncio.timeout_at(end) as bound:
                    response = await anext(responses, None)
            except TimeoutError:
                if not bound.expired():
                    raise
                return
            if response is None:
                return
            yield response


async def too_old(api: Api, after: int, error: errors.Expired) -> errors.ApiError:
    """Return the error of a stream whose history behind revision ``after`` is not kept."""
    newest = await api.store.revision()
    return error.with_message(f"too old resource version: {after} ({newest})")


@asynccontextmanager
async def turn(api: Api) -> AsyncGenerator[None, None]:
    """Make one page of a beginning, and let the event loop get round to others."""
    async with api.beginnings:
        yield
        await asyncio.sleep(0)


async def with_pauses(
    changes: AsyncGenerator[Revision, None], marks: Marks
) -> AsyncGenerator[Revision | None, None]:
    """Yield revisions, and ``None`` when a mark is due while there is none."""
    async with aclosing(changes):
        if not marks.are_wanted:
            async for revision in changes:
                yield revision
            return
        following: asyncio.Task[Revision | None] | None = None
        try:
            while True:
                following = following or asyncio.create_task(_next(changes))
                left = marks.at - asyncio.get_running_loop().time()
                await asyncio.wait({following}, timeout=max(0.0, left))
                if not following.done():
                    yield None
                    continue
                found, following = following.result(), None
                if found is None:
                    return
                yield found
        finally:
            if following is not None:
                following.cancel()
                await asyncio.wait({following})


async def _next(changes: AsyncGenerator[Revision, None]) -> Revision | None:
    return await anext(changes, None)
