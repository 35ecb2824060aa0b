"""Waiting for a store that is not there yet.

After a power cut everything starts at once. A server that gave up because its etcd
needs a few seconds longer would only be started again, and again. So it listens at once,
and tells its callers that it does not serve yet, and why.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.storage import base, url

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Sequence

    from protocube_server.storage.etcd import Security
    from protocube_server.storage.sealing.sealing import Sealing

Prepare = Callable[[base.Store], Awaitable[None]]
"""Writes what must be in a store before calls use it. Doing it twice is harmless."""

_PAUSE_SECONDS = 0.5
_SAY_EVERY_SECONDS = 5.0
_RETRY_AFTER_SECONDS = 1.0
_PREPARATIONS = 5
"""A store that is there, and in which we still cannot write so often, does not want us."""

_LOG = logging.getLogger("protocube.server")


class AwaitedStore(base.Store):
    """The store at ``location``, to be built upon before it is there.

    Until :meth:`arrive` has returned, or :meth:`try_to_open` has given ``True``, every
    call raises ``errors.Unavailable`` with the reason.
    """

    def __init__(
        self,
        location: str,
        security: Security,
        prepare: Prepare,
        *,
        etcd_quota: int = 0,
        sealing: Sealing | None = None,
    ) -> None:
        """``etcd_quota`` and ``sealing`` are those of :func:`url.open_store`."""
        self._location = location
        self._security = security
        self._prepare = prepare
        self._etcd_quota = etcd_quota
        self._sealing = sealing
        self._store: base.Store | None = None
        self._reason = "it has not answered yet"
        self._prepared = 0
        self._is_there = asyncio.Event()

    async def try_to_open(self) -> bool:
        """Open the store if it can be reached now.

        Raises what waiting cannot mend, as :func:`url.open_store` does.
        """
        try:
            opened = await url.open_store(
                self._location,
                self._security,
                etcd_quota=self._etcd_quota,
                sealing=self._sealing,
            )
        except base.Unreachable as error:
            self._reason = error.message
            return False
        try:
            await self._prepare(opened.store)
        except errors.Unavailable as error:
            # It was lost again, or its leader was, before an answer came.
            await opened.store.close()
            self._prepared += 1
            if self._prepared == _PREPARATIONS:
                raise
            self._reason = error.message
            return False
        except BaseException:
            await opened.store.close()
            raise
        self._store = opened.store
        self._is_there.set()
        return True

    async def arrive(self) -> None:
        """Open the store as soon as it can be reached, and say now and then that it cannot."""
        now = asyncio.get_running_loop().time
        begun = now()
        said = -_SAY_EVERY_SECONDS
        while self._store is None and not await self.try_to_open():
            waited = now() - begun
            if waited - said >= _SAY_EVERY_SECONDS:
                said = waited
                _LOG.warning("waiting for the store (%.0f s): %s", waited, self._reason)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def there(self) -> None:
        """Wait until the store is open."""
        await self._is_there.wait()

    @property
    def incarnation(self) -> str:
        """See :attr:`base.Store.incarnation`. It is empty until there is a store."""
        return self._store.incarnation if self._store is not None else ""

    def get(self, key: bytes) -> Coroutine[Any, Any, base.Record | None]:
        """See :meth:`base.Store.get`."""
        return self._arrived().get(key)

    def list(
        self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0
    ) -> Coroutine[Any, Any, base.Page]:
        """See :meth:`base.Store.list`."""
        return self._arrived().list(prefix, start=start, limit=limit, at=at)

    def write(self, batch: Sequence[base.Write]) -> Coroutine[Any, Any, Sequence[base.Outcome]]:
        """See :meth:`base.Store.write`."""
        return self._arrived().write(batch)

    def watch(
        self, prefix: bytes, *, after: int, progress: bool = False
    ) -> AsyncGenerator[base.Revision, None]:
        """See :meth:`base.Store.watch`."""
        return self._arrived().watch(prefix, after=after, progress=progress)

    def revision(self) -> Coroutine[Any, Any, int]:
        """See :meth:`base.Store.revision`."""
        return self._arrived().revision()

    def compact(self, revision: int) -> Coroutine[Any, Any, None]:
        """See :meth:`base.Store.compact`."""
        return self._arrived().compact(revision)

    async def close(self) -> None:
        """See :meth:`base.Store.close`."""
        if self._store is not None:
            await self._store.close()

    def _arrived(self) -> base.Store:
        if self._store is None:
            message = f"the server waits for its store: {self._reason}"
            raise errors.Unavailable(message, retry_after=_RETRY_AFTER_SECONDS)
        return self._store
