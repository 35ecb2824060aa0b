"""How workers follow objects: all are read at one revision, and then every change comes.

Nothing is remembered between two beginnings but the store's own state.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, Protocol

from protocube import errors
from protocube_server import tasks, turns
from protocube_server.storage import base, keys, paging

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from protocube_server.kinds.edition import Edition
    from protocube_server.storage.base import Event, Record
    from protocube_server.verbs.api import Api

_ANEW_SECONDS: Final = 0.5
"""Before everything is read again."""
_FIRST_PAGE: Final = 128
_MOST: Final = 2000
_PAGE_BYTES: Final = 8 * 1024 * 1024
"""Of objects that are read at once: few while their size is unknown."""


class Follower(Protocol):
    """What is told of objects, by the beginnings of their kinds' keys."""

    def see(self, prefix: bytes, record: Record) -> None:
        """Take in an object that was there at the beginning."""
        ...

    def take(self, prefix: bytes, event: Event) -> None:
        """Take in a change. Raises ``errors.Expired`` when everything has to be read again."""
        ...


async def anew(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do ``run`` again whenever it has ended, or what it followed is forgotten. Cancel it.

    Raises what ``run`` raises but for ``errors.Expired``.
    """
    while True:
        with contextlib.suppress(errors.Expired):
            await run()
        await asyncio.sleep(_ANEW_SECONDS)


async def while_current(api: Api, edition: Edition, work: Coroutine[Any, Any, None]) -> None:
    """Do ``work`` on one edition's kinds until it ends, or they are replaced."""
    await tasks.until_one_ends((api.editions.until_replaced(edition), work))


async def follow(
    api: Api,
    edition: Edition,
    prefixes: Iterable[bytes],
    follower: Follower,
    works: Callable[[], Iterable[Coroutine[Any, Any, object]]],
) -> None:
    """Tell ``follower`` of all objects below ``prefixes``, and of all changes from then on.

    Changes below other prefixes are told, too. ``works`` are begun once everything that was there
    is known, and it ends with the first of them. Raises what a store raises, and
    ``errors.Expired`` when everything has to be read again.
    """
    incarnation = api.store.incarnation
    revision = await api.store.revision()
    for prefix in prefixes:
        await _read(api, prefix, revision, follower)
    if api.store.incarnation != incarnation:
        raise base.gone_back()
    changes = _take_changes(api, edition, revision, incarnation, follower)
    await tasks.until_one_ends((*works(), changes))


async def _read(api: Api, prefix: bytes, revision: int, follower: Follower) -> None:
    start, limit = b"", _FIRST_PAGE
    while True:
        page = await api.store.list(prefix, start=start, limit=limit, at=revision)
        with turns.Pace() as pace:
            for record in page.records:
                follower.see(prefix, record)
                await pace.step()
        if not page.more:
            return
        start = paging.behind(page)
        average = sum(len(record.value) for record in page.records) // len(page.records) + 1
        limit = max(1, min(_MOST, _PAGE_BYTES // average))


async def _take_changes(
    api: Api, edition: Edition, revision: int, incarnation: str, follower: Follower
) -> None:
    changes = api.cache.changes(after=revision, incarnation=incarnation)
    root = edition.kinds.root
    async with aclosing(changes) as found:
        async for change in found:
            with turns.Pace() as pace:
                for event in change.events:
                    follower.take(keys.collection_of(root, event.key) or b"", event)
                    await pace.step()
