"""Waiting for a store that is not there yet.

After a power cut everything starts at once. A server that gave up because its etcd
needs a few seconds longer would only be started again, and again.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protocube_server.storage import base, url

if TYPE_CHECKING:
    from protocube_server.storage.etcd import Security

_PAUSE_SECONDS = 0.5
_SAY_EVERY_SECONDS = 5.0

_LOG = logging.getLogger("protocube.server")


async def open_store(location: str, security: Security) -> url.OpenedStore:
    """Open a store as soon as it can be reached, and say now and then that it cannot.

    Raises what waiting cannot mend, as :func:`url.open_store` does.
    """
    now = asyncio.get_running_loop().time
    begun = now()
    said = -_SAY_EVERY_SECONDS
    while True:
        try:
            return await url.open_store(location, security)
        except base.Unreachable as error:
            waited = now() - begun
            if waited - said >= _SAY_EVERY_SECONDS:
                said = waited
                _LOG.warning("waiting for the store (%.0f s): %s", waited, error)
        await asyncio.sleep(_PAUSE_SECONDS)
