"""A store whose watches can hang: what a lost connection does when nothing says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.storage.base import Revision


class MuteStore:
    """A store whose watches hang once it is told so, without an error."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.is_muted = False

    async def watch(self, prefix: bytes, **options: Any) -> AsyncGenerator[Revision, None]:
        """See ``Store.watch``."""
        async for revision in self._store.watch(prefix, **options):
            while self.is_muted:
                await asyncio.Event().wait()
            yield revision

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
