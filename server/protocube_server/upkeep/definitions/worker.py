"""Ends definitions that are being deleted, as the leader of the store's servers.

Nothing is remembered between two steps but the store's own state. A definition whose objects
wait for something is looked at again when one of them changes, and now and then all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube_server.storage.base import GuardFailed
from protocube_server.upkeep.definitions import ending

if TYPE_CHECKING:
    from protocube_server.definitions.following import Definitions
    from protocube_server.upkeep.definitions.ending import Left
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api

_RETRY_SECONDS: Final = 0.5
"""Before what failed is tried again; then twice as long, and so on."""
_LONGEST_SECONDS: Final = 60.0
_BREATH_SECONDS: Final = 0.05
"""Between a change and the next look: one may come seldom alone."""

_LOG = logging.getLogger("protocube.server")


def removing(api: Api, definitions: Definitions) -> Worker:
    """Return the worker that ends the definitions of the store that ``api`` works on."""

    async def remove_definitions(term: Term) -> None:
        await _Removals(api, definitions, term).run()

    return remove_definitions


class _Removals:
    """The definitions of one term that are being deleted, each with a task of its own."""

    def __init__(self, api: Api, definitions: Definitions, term: Term) -> None:
        self._api = api
        self._definitions = definitions
        self._term = term
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                changed = self._definitions.changed
                self._tasks = {name: task for name, task in self._tasks.items() if not task.done()}
                for name, served in tuple(self._definitions.all().items()):
                    if served.defined.is_terminating and name not in self._tasks:
                        self._tasks[name] = asyncio.create_task(self._end(name))
                await changed.wait()
        finally:
            tasks = [*self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _end(self, name: str) -> None:
        """End one definition, with as many steps as it takes."""
        pause = _RETRY_SECONDS
        while True:
            left: Left | None = None
            try:
                left = await ending.step(self._api, self._definitions, self._term, name)
                if left is None:
                    return
            except GuardFailed:
                return  # Another server leads.
            except errors.ApiError as error:
                _LOG.warning("definition %s is not removed yet: %s", name, error)
            except Exception:  # noqa: BLE001  # a fault of ours must not hold up the others
                _LOG.exception("definition %s is not removed yet", name)
            await self._wait(left, pause)
            pause = min(2 * pause, _LONGEST_SECONDS)

    async def _wait(self, left: Left | None, seconds: float) -> None:
        """Wait for a change among what is left, or for the time."""
        if left is None or not left.count:
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError, errors.ApiError):
            async with asyncio.timeout(max(seconds, _RETRY_SECONDS)):
                watch = self._api.store.watch(left.prefix, after=left.since)
                async with aclosing(watch) as changes:
                    await anext(changes)
        await asyncio.sleep(_BREATH_SECONDS)
