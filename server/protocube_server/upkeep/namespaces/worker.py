"""Ends namespaces that are being deleted: the promise that their mark is.

The leader follows the namespaces of its store, so it begins within a moment of the mark,
whichever server set it; what was marked before its term is found when the term begins.
Nothing is remembered between two steps but the store's own state, so a server may be killed
at any of them. A namespace in which something is left is looked at again when something
changes among that, and now and then all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage.base import GuardFailed
from protocube_server.upkeep.namespaces import ending
from protocube_server.verbs.emptying import Left

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube_server.storage.base import Record
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api

_PAGE = 500
_AT_ONCE = 4
"""Namespaces that are being emptied; others wait for their turn."""
_MOST_WATCHES = 256
"""Watches on what is left, over all namespaces. Beyond that only the time leads to a look."""
_BREATH_SECONDS = 0.1
"""Between a change and the next look at what is left: one may come seldom alone."""
_RETRY_SECONDS = 0.5
"""Before what failed is tried again; then twice as long, and so on."""
_PATIENCE_SECONDS = 15.0
"""Before a namespace is looked at again without any change; then twice as long, and so on."""
_LONGEST_SECONDS = 300.0

_LOG = logging.getLogger("protocube.server")


def removing(api: Api) -> Worker:
    """Return the worker that ends the namespaces of the store that ``api`` works on."""

    async def remove_namespaces(term: Term) -> None:
        await _Removals(api, term).run()

    return remove_namespaces


class _Removals:
    """The namespaces of one term that are being deleted, each with a task of its own."""

    def __init__(self, api: Api, term: Term) -> None:
        self._api = api
        self._term = term
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._changed: dict[str, asyncio.Event] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._watches = 0

    async def run(self) -> None:
        """Work until cancelled. Raises what following the namespaces raises."""
        try:
            while True:
                # What happened meanwhile is forgotten: look again.
                with contextlib.suppress(errors.Expired):
                    await self._follow()
        finally:
            tasks = [*self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        store = self._api.store
        prefix, start, revision = self._api.editions.current.kinds.namespaces.prefix(), b"", 0
        while True:
            page = await store.list(prefix, start=start, limit=_PAGE)
            revision = revision or page.revision
            self._look(page.records)
            if not page.more:
                break
            start = page.records[-1].key + b"\0"
        async with aclosing(store.watch(prefix, after=revision)) as watch:
            async for changes in watch:
                self._look(event.record for event in changes.events if event.record is not None)

    def _look(self, records: Iterable[Record]) -> None:
        """Begin with the namespaces that are being deleted, or go on with them."""
        kind = self._api.editions.current.kinds.namespaces
        for record in records:
            try:
                metadata = kind.parse(record.value).metadata
            except errors.ApiError as error:
                _LOG.warning("%s: %s", record.key.decode(errors="replace"), error)
                continue
            if metadata.HasField("deletion_timestamp"):
                self._begin(metadata.name)

    def _begin(self, name: str) -> None:
        changed = self._changed.get(name)
        if changed is not None:
            changed.set()
            return
        self._changed[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._end(name))

    async def _end(self, name: str) -> None:
        """End one namespace, with as many steps as it takes."""
        changed = self._changed[name]
        looks = 0
        """How many there were since something changed."""
        while True:
            looks = 0 if changed.is_set() else looks + 1
            changed.clear()
            left: Left | None = Left()
            is_failing = True
            try:
                async with self._turns:
                    left = await ending.step(self._api, self._term, name)
                is_failing = bool(left and left.failed)
            except GuardFailed:
                return  # Another server leads: the leadership is about to end this worker.
            except errors.ApiError as error:
                _LOG.warning("namespace %s is not removed yet: %s", name, error)
            except Exception:  # noqa: BLE001  # a fault of ours must not hold up the others
                _LOG.exception("namespace %s is not removed yet", name)
            # From here to the end nothing is awaited: no change can come in between.
            if left is None and not changed.is_set():
                del self._changed[name], self._tasks[name]
                return
            first = _RETRY_SECONDS if is_failing else _PATIENCE_SECONDS
            seconds = min(first * 2 ** min(max(looks - 1, 0), 16), _LONGEST_SECONDS)
            await self._wait(changed, left or Left(), seconds)

    async def _wait(self, changed: asyncio.Event, left: Left, seconds: float) -> None:
        """Wait until something changes, of the namespace or of what is left in it."""
        watching = [
            asyncio.create_task(self._watch(prefix, after, changed))
            for prefix, after in left.since.items()
        ]
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await changed.wait()
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
        if left:
            await asyncio.sleep(_BREATH_SECONDS)

    async def _watch(self, prefix: bytes, after: int, changed: asyncio.Event) -> None:
        """Set ``changed`` at the next change below ``prefix``, if there is room for a watch."""
        if self._watches >= _MOST_WATCHES:
            return
        self._watches += 1
        try:
            async with aclosing(self._api.store.watch(prefix, after=after)) as watch:
                async for _ in watch:
                    changed.set()
                    return
        except errors.ApiError:
            return  # The time will lead to a look.
        finally:
            self._watches -= 1
