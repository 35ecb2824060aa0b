"""Certificates that change while we are connected.

What issues them replaces the files long before the old ones run out. A connection that
is open keeps the certificate it began with, but the next one needs the new one, and
etcd may be told not to take the old one any more. So new connections are made as soon
as the files have changed, and the old ones are closed when no call uses them any more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import grpc

from protocube import errors

if TYPE_CHECKING:
    from protocube_server.storage.etcd.security import Security

Renew = Callable[[grpc.ChannelCredentials | None], None]
Stamp = tuple[tuple[int, int, int] | None, ...]
"""Which files were there, as far as a change of them shows."""

_log = logging.getLogger(__name__)


def look(security: Security) -> Stamp:
    """Return the stamp of the files as they are now."""
    found: list[tuple[int, int, int] | None] = []
    for file in security.files:
        try:
            status = file.stat()
        except OSError:
            found.append(None)
        else:
            found.append((status.st_mtime_ns, status.st_ino, status.st_size))
    return tuple(found)


async def follow(security: Security, seen: Stamp, renew: Renew, *, every: float) -> None:
    """Look at the files every ``every`` seconds, and hand new credentials to ``renew``.

    ``seen`` is the stamp from before they were read first. Files that cannot be used are
    logged, and nothing changes. It never ends by itself.
    """
    while True:
        await asyncio.sleep(every)
        found = await asyncio.to_thread(look, security)
        if found == seen:
            continue
        # Also when they cannot be used: one change is one line in the log. Files that are
        # half written change once more.
        seen = found
        try:
            renew(await asyncio.to_thread(security.credentials))
        except errors.BadRequest as error:
            _log.warning("keeping the certificates towards etcd, the new are no good: %s", error)
        else:
            _log.info("the certificates towards etcd were reloaded")
