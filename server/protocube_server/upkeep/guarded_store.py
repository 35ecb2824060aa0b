"""A store as a leader's worker writes to it: every write is under the guard of its term."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.storage import base

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Sequence

    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api


def guarded(api: Api, term: Term, *guards: base.Guard) -> Api:
    """Return ``api`` as verbs use it during ``term``, whose writes are guarded."""
    return dataclasses.replace(api, store=GuardedStore(api.store, term, *guards))


class GuardedStore(base.Store):
    """``store`` during ``term``, for verbs that a worker uses.

    A write raises ``GuardFailed`` for the leadership's key once another server leads, and for
    those of ``guards``, which the worker relies on beside that. Several writes at once are a
    set (:meth:`apply`): a batch of more than one is refused.
    """

    def __init__(self, store: base.Store, term: Term, *guards: base.Guard) -> None:
        self._store = store
        self._term = term
        self._guards = guards

    @property
    def incarnation(self) -> str:
        """See :attr:`base.Store.incarnation`."""
        return self._store.incarnation

    def get(self, key: bytes) -> Coroutine[Any, Any, base.Record | None]:
        """See :meth:`base.Store.get`."""
        return self._store.get(key)

    def list(
        self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0
    ) -> Coroutine[Any, Any, base.Page]:
        """See :meth:`base.Store.list`."""
        return self._store.list(prefix, start=start, limit=limit, at=at)

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """See :meth:`base.Store.write`."""
        if len(batch) != 1:
            raise errors.MethodNotSupported("a worker makes one write, or one set, at a time")
        (part,) = batch
        together = part if isinstance(part, base.Set) else base.Set(writes=(part,))
        guarded = dataclasses.replace(together, guards=(*together.guards, *self._guards))
        try:
            done = await self._term.apply(guarded)
        except base.ConditionFailed as failed:
            return (base.Refused(key=failed.key, current=failed.current),)
        return (done if part is together else done.outcomes[0],)

    def watch(
        self, prefix: bytes, *, after: int, progress: bool = False
    ) -> AsyncGenerator[base.Revision, None]:
        """See :meth:`base.Store.watch`."""
        return self._store.watch(prefix, after=after, progress=progress)

    def revision(self) -> Coroutine[Any, Any, int]:
        """See :meth:`base.Store.revision`."""
        return self._store.revision()

    def compact(self, revision: int) -> Coroutine[Any, Any, None]:
        """See :meth:`base.Store.compact`."""
        return self._store.compact(revision)

    async def close(self) -> None:
        """Do nothing: the store is not the worker's."""
