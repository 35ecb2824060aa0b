"""A store in which the writes of several calls can be made as one."""

from __future__ import annotations

import asyncio
import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, Protocol

from protocube_server.calls.together import SharedPut
from protocube_server.storage import base
from protocube_server.storage.base import Guard, Put, Refused, Remove, Set, SetDone, Store

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

    from protocube_server.calls.together import Changed, ChangedTogether
    from protocube_server.storage.base import Outcome, Page, Record, Revision, Write

_MOST: Final = 100
"""Writes that are made as one: below a store's limit, with room for what is beside them."""
_WIDEST: Final = 20
"""Writes and guards of a set that is made together with others."""
_BYTES: Final = 1_000_000
"""Bytes of keys and values that are made as one, unless one write alone has more."""


class Gathers(Protocol):
    """Takes the writes of some calls, to make them as one."""

    async def write(self, write: Write) -> Outcome:
        """Make a write together with those of the other calls; see :meth:`Store.write`."""
        ...


_present: ContextVar[Gathers | None] = ContextVar("gathers", default=None)


@contextlib.contextmanager
def gathering() -> Iterator[Callable[[Gathers], object]]:
    """Yield what says to whom the writes go of the tasks that are begun next in this context."""
    token = _present.set(None)
    try:
        yield _present.set
    finally:
        _present.reset(token)


class GatheringStore(Store):
    """A store around another one. Writes go there, or to what gathers them in their task."""

    def __init__(self, store: Store) -> None:
        self.inner = store
        """Where all goes in the end."""

    @property
    def incarnation(self) -> str:
        """See :class:`Store`."""
        return self.inner.incarnation

    async def get(self, key: bytes) -> Record | None:
        """See :class:`Store`."""
        return await self.inner.get(key)

    async def list(self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0) -> Page:
        """See :class:`Store`."""
        return await self.inner.list(prefix, start=start, limit=limit, at=at)

    async def write(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """See :class:`Store`."""
        gathers = _present.get()
        if gathers is None or len(batch) != 1:
            return await self.inner.write(batch)
        return (await gathers.write(batch[0]),)

    def watch(
        self, prefix: bytes, *, after: int, progress: bool = False
    ) -> AsyncGenerator[Revision, None]:
        """See :class:`Store`."""
        return self.inner.watch(prefix, after=after, progress=progress)

    async def revision(self) -> int:
        """See :class:`Store`."""
        return await self.inner.revision()

    async def compact(self, revision: int) -> None:
        """See :class:`Store`."""
        await self.inner.compact(revision)

    async def close(self) -> None:
        """See :class:`Store`."""
        await self.inner.close()


class Waiting:
    """A call's write that is not made yet."""

    __slots__ = ("call", "outcome", "write")

    def __init__(self, call: int, write: Write) -> None:
        self.call = call
        """The number of the call."""
        self.write = write
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    @property
    def writes(self) -> tuple[Put | Remove, ...]:
        """What it writes."""
        return self.write.writes if isinstance(self.write, Set) else (self.write,)

    @property
    def guards(self) -> tuple[Guard, ...]:
        """What it only looks at."""
        return self.write.guards if isinstance(self.write, Set) else ()

    def is_about(self, refused: Refused) -> bool:
        """Tell whether a condition of this write did not hold."""
        if refused.by_guard:
            return any(guard.key == refused.key for guard in self.guards)
        return any(write.key == refused.key for write in self.writes)


def fitting(waiting: Sequence[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """Return which writes can be made as one batch, and those that are left for the next one."""
    taken: list[Waiting] = []
    left: list[Waiting] = []
    written: set[bytes] = set()
    guarded: set[bytes] = set()
    size = count = 0
    for each in waiting:
        own = {write.key for write in each.writes}
        guards = {guard.key for guard in each.guards}
        size_of_it = sum(map(_size, each.writes))
        is_apart = len(own) + len(guards) > _WIDEST or size + size_of_it > _BYTES
        meets = own & (written | guarded) or guards & written
        if taken and (meets or is_apart or count + len(own) > _MOST):
            left.append(each)
            # A later write to the same key must not go before it.
            written |= own
            continue
        taken.append(each)
        written |= own
        guarded |= guards
        size += size_of_it
        count += len(own)
        if is_apart:
            size = _BYTES
    return taken, left


def changed(write: Put | Remove, together: ChangedTogether) -> Changed | None:
    """Return the entry that a write is a part of; ``None`` for a write of one call alone."""
    # What a call writes there of its own would be lost in the write that all of them share.
    if not isinstance(write, SharedPut) or not write.expected:
        return None
    return together.get((write.key, write.expected))


def outdated(waiting: Sequence[Waiting], together: ChangedTogether) -> tuple[bytes, list[Waiting]]:
    """Return the key of an entry that some have read at another revision than others, and those.

    The newest counts. Nobody is returned where all have read the same.
    """
    newest: dict[bytes, int] = {}
    for write in (write for each in waiting for write in each.writes):
        if changed(write, together) is not None:
            newest[write.key] = max(newest.get(write.key, 0), write.expected or 0)
    for key, revision in newest.items():
        older = [
            each
            for each in waiting
            if any(
                one.key == key and one.expected != revision and changed(one, together) is not None
                for one in each.writes
            )
        ]
        if older:
            return key, older
    return b"", []


def as_one(waiting: Sequence[Waiting], *beside: Put, together: ChangedTogether) -> Set:
    """Return the set of all these writes. Its conditions are told in their order."""
    writes: dict[bytes, Put | Remove] = {put.key: put for put in beside}
    for write in (write for each in waiting for write in each.writes):
        entry = changed(write, together)
        writes.setdefault(write.key, entry.put() if entry is not None else write)
    guards = dict.fromkeys(guard for each in waiting for guard in each.guards)
    return Set(writes=tuple(writes.values()), guards=tuple(guards))


def outcomes_of(waiting: Sequence[Waiting], made: Set, done: SetDone) -> list[Outcome]:
    """Return the outcome of each write of :func:`as_one`, which was ``made``."""
    by_key = dict(zip((write.key for write in made.writes), done.outcomes, strict=True))
    found: list[Outcome] = []
    for each in waiting:
        own = tuple(by_key[write.key] for write in each.writes)
        is_set = isinstance(each.write, Set)
        found.append(SetDone(revision=done.revision, outcomes=own) if is_set else own[0])
    return found


def tell(waiting: Sequence[Waiting], outcomes: Sequence[Outcome]) -> None:
    """Give each call the outcome of its write."""
    for each, outcome in zip(waiting, outcomes, strict=True):
        if not each.outcome.done():
            each.outcome.set_result(outcome)


def fail(waiting: Sequence[Waiting], error: Exception) -> None:
    """Let all these writes fail for one reason."""
    for each in waiting:
        if not each.outcome.done():
            each.outcome.set_exception(base.own(error))


def _size(write: Any) -> int:
    return len(write.key) + (len(write.value) if isinstance(write, Put) else 0)
