"""The contract of a store: a revisioned map of keys to values that can be watched.

SQLite and etcd implement it; ``tests/conformance`` is its specification in code.

A *revision* is a number that grows by one with every transaction that changes
something. It is the store's own: no two servers on one store can disagree on it.
A new store is at revision 1, or later, and its first write is after that.
A store may apply the writes of several callers in one transaction; what they wrote
then shares a revision.

Keys are bytes and sort bytewise; a store knows nothing of kinds or names. They are
UTF-8 text, so the byte 0xff is in none of them.

A store may go back in time: an older backup was restored under a running server, or
another cluster took its place. Then the same numbers mean other states. Which history a
store is of is its *incarnation*; what is remembered of another one is not to be used.

Errors: ``errors.Expired`` when a revision was compacted, ``errors.Timeout`` when
it lies in the future, ``errors.Unavailable`` when the store cannot be reached,
``errors.OutcomeUnknown`` when a write was sent and its answer was lost,
``errors.TooLarge`` when the store refuses a value or a batch for its size,
``errors.TooManyRequests`` when the store asks for patience.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from protocube import errors

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One key as it stands at one revision."""

    key: bytes
    value: bytes
    create_revision: int
    """The revision that created the key (since it last did not exist)."""
    mod_revision: int
    """The revision of its last write."""
    version: int
    """How many writes it has seen since it was created; 1 after the first.

    On a server that does not count them (kine), 2 after any other.
    """
    stale: bool = False
    """The value lies there otherwise than it would be written now: sealed with an older key."""
    fault: str = ""
    """Why the value cannot be told, if it is sealed and cannot be opened; :attr:`value` then is
    nothing that can be read."""
    passes: bool = False
    """Whether the fault may be over soon: a key plugin did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change of one key.

    ``record`` is the state after it, ``None`` for a deletion; ``previous`` the
    state before it, ``None`` for a creation. ``previous`` may also be missing
    when its revision was compacted since.
    """

    key: bytes
    revision: int
    record: Record | None
    previous: Record | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """All events of one revision below the watched prefix, in the order of writing.

    Without events it is a progress mark: nothing up to ``number`` is missing.
    """

    number: int
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Part of a prefix at one revision."""

    records: tuple[Record, ...]
    revision: int
    """The revision that was read; the whole page is of it."""
    more: bool
    """There are further keys behind the last record."""
    count: int
    """How many keys lie in the range that was asked for, this page included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Write ``value`` to ``key``.

    ``expected`` is the mod revision that the key must have: 0 means that it
    must not exist, ``None`` sets no condition.
    """

    key: bytes
    value: bytes
    expected: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Delete ``key`` under the same kind of condition as :class:`Put`.

    Without a condition, removing a key that does not exist succeeds with
    ``previous=None`` and changes nothing.
    """

    key: bytes
    expected: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A condition on a key that is not written: it is at this mod revision; 0: it does not exist.

    A store whose transactions have no room for it looks just before the write.
    """

    key: bytes
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """Writes that happen together, under all of their conditions and guards, or not at all.

    There is at least one write. ``limits.MAX_SET`` is the most writes and guards.
    """

    writes: tuple[Put | Remove, ...]
    guards: tuple[Guard, ...] = ()


Write = Put | Remove | Set


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A :class:`Put` or :class:`Remove` that happened at ``revision``.

    ``previous`` is what it replaced or removed. A store may leave it out (``None``)
    for a :class:`Put`.
    """

    revision: int
    record: Record | None
    previous: Record | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDone:
    """A :class:`Set` that happened at ``revision``; ``outcomes`` has one for each write."""

    revision: int
    outcomes: tuple[Done, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A write or a set that did not happen, because a condition on ``key`` did not hold.

    Of several that did not hold it is the first one: those of the writes come first,
    in their order, then the guards, in theirs.
    """

    key: bytes
    current: Record | None
    """What was found there. ``None``: the key does not exist (or, on a store that has to
    look a second time, it has gone meanwhile)."""
    by_guard: bool = False
    """The condition was a guard's."""


Outcome = Done | SetDone | Refused


class Unreachable(errors.Unavailable):
    """A store cannot be opened now, and perhaps can later: it does not answer."""


class Full(errors.Unavailable):
    """A store has no room for what was to be written. Reads go on."""


class ConditionFailed(Exception):
    """The condition of a write did not hold; ``current`` is what was found at ``key``."""

    def __init__(self, *, key: bytes, current: Record | None) -> None:
        super().__init__(f"{key.decode(errors='replace')} is not at the expected revision")
        self.key = key
        self.current = current


class GuardFailed(Exception):
    """A guard did not hold: what the write relied on has changed; see :class:`Refused`."""

    def __init__(self, *, key: bytes, current: Record | None) -> None:
        super().__init__(f"{key.decode(errors='replace')} has changed, on which the write relied")
        self.key = key
        self.current = current


class Store(Protocol):
    """A revisioned map. All methods are safe to call concurrently and to cancel.

    A cancelled write may still happen. ``create``, ``update``, ``delete`` and ``apply``
    are batches of one; a store that derives from this class has them for nothing.
    """

    @property
    def incarnation(self) -> str:
        """Which history the store is of, as far as its last answer told.

        It changes when the store is found to have gone back in time: by the cluster, the
        file or the revision of an answer, and after each lost connection by a look at what
        was there. It has changed before the answer that told so is returned. The text is to be
        compared with an earlier one of this opened store, and has no other meaning.
        """
        ...

    async def get(self, key: bytes) -> Record | None:
        """Return the newest state of ``key``, ``None`` when it does not exist."""
        ...

    async def list(self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0) -> Page:
        """Return the keys that begin with ``prefix``, in order, as they were at one revision.

        ``start`` is the first key to give, ``limit`` the most (0: all), ``at``
        the revision (0: the newest). Raises ``Expired`` or ``Timeout`` for an
        ``at`` that is compacted or in the future.
        """
        ...

    async def write(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        """Apply each write, and each set, under its own conditions; give an outcome each, in order.

        The batch is atomic towards readers and watchers and takes one revision,
        or none when nothing changed. One that is refused changes nothing for the others.
        When this returns, the writes are on disk.

        Raises when the batch as a whole did not happen: ``ValueError`` when the keys that it
        writes do not differ, when a guard is of one of them, or when a set is empty;
        ``errors.TooLarge`` when it is over ``limits``; ``errors.MethodNotSupported`` on a
        store that cannot make several writes at once. So no condition is on what another
        part of the batch writes, and the order in which they are looked at makes no difference.
        """
        ...

    async def create(self, key: bytes, value: bytes, *, guard: Guard | None = None) -> Record:
        """Write a key that must not exist.

        Raises :class:`ConditionFailed`, or :class:`GuardFailed` when it does not exist
        and ``guard`` did not hold.
        """
        put = Put(key=key, value=value, expected=0)
        if guard is None:
            return _record(_done(await self.write((put,))))
        return _record((await self.apply(Set(writes=(put,), guards=(guard,)))).outcomes[0])

    async def update(self, key: bytes, value: bytes, *, expected: int) -> Record:
        """Write a key that must be at mod revision ``expected``.

        Raises :class:`ConditionFailed`.
        """
        return _record(_done(await self.write((Put(key=key, value=value, expected=expected),))))

    async def delete(self, key: bytes, *, expected: int | None = None) -> Done:
        """Remove a key, under a condition unless ``expected`` is ``None``.

        Raises :class:`ConditionFailed` (also when the key does not exist).
        """
        done = _done(await self.write((Remove(key=key, expected=expected),)))
        if done.previous is None:
            raise ConditionFailed(key=key, current=None)
        return done

    async def apply(self, together: Set) -> SetDone:
        """Make the writes of a set.

        Raises :class:`ConditionFailed` or :class:`GuardFailed` for the first condition that
        did not hold, and what :meth:`write` raises.
        """
        (outcome,) = await self.write((together,))
        if isinstance(outcome, SetDone):
            return outcome
        raise _failure(outcome)

    def watch(
        self, prefix: bytes, *, after: int, progress: bool = False
    ) -> AsyncGenerator[Revision, None]:
        """Follow the keys below ``prefix``, from revision ``after`` (exclusive).

        Returns every revision that changed one of them exactly once, whole and in
        order, and reconnects by itself where that can lose nothing. An ``after``
        that lies in the future is waited for. With ``progress``, also gives
        progress marks now and then, where the store's own can be trusted (etcd's
        from 3.4.31 and 3.5.13).

        Raises ``Expired`` when ``after`` is compacted or the reader falls behind a
        compaction, and when the :attr:`incarnation` has changed since the watch began, before
        it gives anything of the new one. Raises ``Unavailable`` when the store is closed; it
        never ends by itself. Close the iterator to end the watch.
        """
        ...

    async def revision(self) -> int:
        """Return the newest revision."""
        ...

    async def compact(self, revision: int) -> None:
        """Forget the history before ``revision``; reads and watches from before it are ``Expired``.

        The state at ``revision`` stays readable. Compacting twice is harmless.
        Raises ``Timeout`` for a revision in the future.
        """
        ...

    async def close(self) -> None:
        """End all watches and let go of files and connections.

        Whatever is called afterwards raises ``Unavailable``. Closing twice is harmless.
        """
        ...


def closed() -> errors.Unavailable:
    """Return the error of every call after :meth:`Store.close`."""
    return errors.Unavailable("the store is closed")


def gone_back() -> errors.Expired:
    """Return the error of a watch, or of pages, that began in another incarnation."""
    return errors.Expired("the store has gone back in time: what was read before is void")


def own(error: Exception) -> Exception:
    """Return a copy of an error for one of several callers, because a raise writes into it."""
    return error.with_message(error.message) if isinstance(error, errors.ApiError) else error


def _done(outcomes: Sequence[Outcome]) -> Done:
    (outcome,) = outcomes
    if isinstance(outcome, Done):
        return outcome
    raise _failure(outcome)


def _failure(outcome: Outcome) -> Exception:
    if not isinstance(outcome, Refused):
        return AssertionError("a set has the outcome of a set, and a single write one of its own")
    kind = GuardFailed if outcome.by_guard else ConditionFailed
    return kind(key=outcome.key, current=outcome.current)


def _record(done: Done) -> Record:
    if done.record is None:
        message = "a Put that is done has a record"
        raise AssertionError(message)
    return done.record
