"""What must be in a store before calls use it, also after it has gone back in time."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protocube import errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from protocube_server.storage.base import Store

_EVERY_SECONDS = 1.0

_LOG = logging.getLogger("protocube.server")


async def follow(
    store: Store, prepare: Callable[[Store], Awaitable[None]], *, every: float = _EVERY_SECONDS
) -> None:
    """Prepare the store anew whenever its incarnation has changed. Cancel it.

    An empty store that took the place of another one lacks the built-in namespaces.
    """
    prepared = store.incarnation
    while True:
        await asyncio.sleep(every)
        incarnation = store.incarnation
        if incarnation == prepared:
            continue
        try:
            await prepare(store)
        except errors.ApiError as error:
            _LOG.warning("the store that has gone back in time is not prepared: %s", error)
            continue
        prepared = incarnation
        _LOG.warning("the store has gone back in time; all that was remembered is dropped")
