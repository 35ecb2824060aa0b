"""A server in the process of a test, for programs that are clients of Protocube.

    async with testing.server() as address, Client(address) as client:
        await client.create(pod)

It is the whole server over a real socket, with every worker beside it, on a store that goes
when it ends. The package's extra ``server`` brings what it needs.
"""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from typing import TYPE_CHECKING, Any

from protocube_server import app
from protocube_server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube.catalog import Catalog

_GRACE_SECONDS = 0.5


@contextlib.asynccontextmanager
async def server(catalog: Catalog | None = None, **settings: Any) -> AsyncGenerator[str, None]:
    """Serve the shipped kinds, or those of ``catalog``; yield the address (``HOST:PORT``).

    The port is a free one of 127.0.0.1 and callers are the user ``system:admin``, unless
    ``settings`` say otherwise: fields of :class:`protocube_server.settings.Settings`, such as
    ``watch_cache``. Several servers can run in one process. Raises ``TypeError`` for a setting
    that there is not, and what a start of ``cube-apiserver`` fails with.
    """
    with tempfile.TemporaryDirectory(prefix="protocube-", ignore_cleanup_errors=True) as folder:
        chosen = dataclasses.replace(
            Settings(listen="127.0.0.1:0", store=f"sqlite:{folder}/store.db", grace=_GRACE_SECONDS),
            **settings,
        )
        async with app.running(chosen, catalog) as running:
            yield running.address
