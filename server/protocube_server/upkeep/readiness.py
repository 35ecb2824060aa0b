"""Whether the store can be reached, asked again and again.

Load balancers send calls to servers that say they are ready; one that has lost its
store should not get any while another one has it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from protocube import errors

if TYPE_CHECKING:
    from protocube_server.storage.base import Store

_EVERY_SECONDS = 1.0
_PATIENCE_SECONDS = 3.0
"""Longer than a cluster needs to choose another leader."""
_SAY_EVERY_SECONDS = 5.0

_LOG = logging.getLogger("protocube.server")


class Announce(Protocol):
    """Told when the store was lost, and when it is back."""

    async def __call__(self, *, ready: bool) -> None:
        """Tell whether the store can be reached."""
        ...


async def follow(
    store: Store,
    announce: Announce,
    *,
    every: float = _EVERY_SECONDS,
    patience: float = _PATIENCE_SECONDS,
) -> None:
    """Ask the store every ``every`` seconds; no answer within ``patience`` means that it is lost.

    Says so in the log, when it happens, every few seconds while it lasts, and at its end.
    """
    now = asyncio.get_running_loop().time
    lost = said = 0.0
    while True:
        reason = await _fault(store, patience)
        if reason is None:
            if lost:
                _LOG.warning("the store is back after %.0f s", now() - lost)
                lost = 0.0
                await announce(ready=True)
        elif not lost:
            lost = said = now()
            _LOG.warning("the store is lost: %s", reason)
            await announce(ready=False)
        elif now() - said >= _SAY_EVERY_SECONDS:
            said = now()
            _LOG.warning("the store is lost for %.0f s: %s", said - lost, reason)
        await asyncio.sleep(every)


async def _fault(store: Store, patience: float) -> str | None:
    try:
        async with asyncio.timeout(patience):
            await store.revision()
    except TimeoutError:
        return f"no answer within {patience:g} s"
    except errors.ApiError as error:
        return str(error)
    return None
