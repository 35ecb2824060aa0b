"""Reading from watches in tests."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence

    from protocube_server.storage.base import Event, Revision, Store

PATIENCE = 60.0
"""Seconds after which an event that does not come is taken for lost."""


@contextlib.asynccontextmanager
async def watching(
    store: Store, prefix: bytes, *, after: int, progress: bool = False
) -> AsyncIterator[AsyncGenerator[Revision, None]]:
    """Provide a watch that is ended afterwards."""
    async with contextlib.aclosing(store.watch(prefix, after=after, progress=progress)) as watch:
        yield watch


async def take(watch: AsyncGenerator[Revision, None], events: int) -> list[Revision]:
    """Return the next revisions of a watch, until they hold so many events."""
    taken: list[Revision] = []
    async with asyncio.timeout(PATIENCE):
        while sum(len(revision.events) for revision in taken) < events:
            revision = await anext(watch)
            if revision.events:
                taken.append(revision)
    return taken


async def events_of(store: Store, prefix: bytes, *, after: int, count: int) -> list[Event]:
    """Return the first events of a new watch."""
    async with watching(store, prefix, after=after) as watch:
        return flat(await take(watch, count))


def flat(revisions: Sequence[Revision]) -> list[Event]:
    """Return the events of revisions, in order."""
    return [event for revision in revisions for event in revision.events]
