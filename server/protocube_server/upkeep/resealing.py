"""Seals what a store holds with today's keys: in each term of a leader, and when they change."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from protocube_server.storage import resealing
from protocube_server.upkeep.guarded_store import GuardedStore

if TYPE_CHECKING:
    from protocube_server.storage.base import Store
    from protocube_server.storage.sealing.sealing import Sealing
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term

_LOG = logging.getLogger("protocube.server")


def sealing_anew(store: Store, prefix: str, sealing: Sealing) -> Worker:
    """Return the worker that writes all values anew that would be sealed otherwise today.

    What is written meanwhile is sealed so by itself; it begins again with other keys.
    """

    async def seal_anew(term: Term) -> None:
        while True:
            epoch = sealing.epoch
            done = await resealing.reseal(GuardedStore(store, term), prefix, _untold)
            _LOG.info("%d values were sealed anew", done.written)
            for fault in done.faults:
                _LOG.error("cannot be sealed anew: %s", fault)
            if sealing.epoch == epoch:
                await sealing.until_replaced()

    return seal_anew


def _untold(count: int) -> None:
    del count
