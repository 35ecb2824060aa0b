"""Lets quotas say what is used of them, as the objects are: when one is new, and now and then.

Writes keep that exact by themselves. What is counted here is what was written while some servers
did not know of a quota yet, and what a release without quotas has written.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube_server.admission.quota import counting
from protocube_server.admission.state import RESOURCE_QUOTA
from protocube_server.upkeep.guarded_store import guarded

if TYPE_CHECKING:
    from protocube_server.admission.state import Held, State
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api

_AGAIN_SECONDS: Final = 5.0
"""A quota that is new is counted once more: by then every server knows of it."""
_EVERY_SECONDS: Final = 300.0
"""Kubernetes' interval."""
_BREATH_SECONDS: Final = 0.05

_LOG = logging.getLogger("protocube.server")


def counting_quotas(api: Api, state: State) -> Worker:
    """Return the worker that counts what is used of quotas."""

    async def work(term: Term) -> None:
        counter = _Counter(guarded(api, term), state)
        while True:
            await counter.count()
            await counter.until_wanted()
            await asyncio.sleep(_BREATH_SECONDS)

    return work


class _Counter:
    def __init__(self, api: Api, state: State) -> None:
        self._api = api
        self._state = state
        self._limits: dict[str, dict[str, str]] = {}
        """What each quota limited when it was counted last, by its uid."""
        self._due: dict[str, float] = {}
        """When each is to be counted next."""

    async def count(self) -> None:
        """Count those quotas that are new, have changed, or are due."""
        edition = self._api.editions.current
        kind = edition.kinds.for_message(RESOURCE_QUOTA)
        if kind is None:
            return
        now = asyncio.get_running_loop().time()
        all_held = list(self._state.of(RESOURCE_QUOTA))
        for held in all_held:
            uid = held.message.metadata.uid
            if not self._is_due(held, now):
                continue
            is_new = self._limits.get(uid) != dict(held.message.spec.hard)
            self._limits[uid] = dict(held.message.spec.hard)
            self._due[uid] = now + (_AGAIN_SECONDS if is_new else _EVERY_SECONDS)
            try:
                record = await counting.settle(self._api.store, edition, kind, held.record)
            except errors.ApiError as error:
                self._due[uid] = now + _AGAIN_SECONDS
                _LOG.warning("the quota %s is counted later: %s", held.message.metadata.name, error)
                continue
            if record is not None:
                self._state.see(kind, record)
        known = {held.message.metadata.uid for held in all_held}
        for uid in self._due.keys() - known:
            del self._due[uid], self._limits[uid]

    async def until_wanted(self) -> None:
        """Wait until a quota may have changed, or one is due."""
        loop = asyncio.get_running_loop()
        due = min(self._due.values(), default=loop.time() + _EVERY_SECONDS)
        epoch = self._state.epoch(RESOURCE_QUOTA)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, due - loop.time())):
                while self._state.epoch(RESOURCE_QUOTA) == epoch:
                    await self._state.moved()

    def _is_due(self, held: Held, now: float) -> bool:
        uid = held.message.metadata.uid
        return (
            not counting.is_counted(held.message)
            or self._limits.get(uid) != dict(held.message.spec.hard)
            or now >= self._due.get(uid, 0.0)
        )
