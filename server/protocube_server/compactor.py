"""Forgets old history, so that a store does not grow with every write for ever."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protocube import errors

if TYPE_CHECKING:
    from protocube_server.storage.base import Store

_LOG = logging.getLogger("protocube.server")


async def compact_forever(store: Store, interval: float) -> None:
    """Every ``interval`` seconds, compact to the revision of the tick before.

    So a watch may lag, and a list may take between pages, one interval at least.
    Several servers on one store do each other no harm: compacting twice is nothing.
    """
    last = 0
    while True:
        try:
            current = await store.revision()
            if last:
                await store.compact(last)
            last = current
        except errors.ApiError as error:
            _LOG.warning("compaction: %s; trying again in %g s", error, interval)
        await asyncio.sleep(interval)
