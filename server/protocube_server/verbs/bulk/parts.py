"""Calls that go on beside each other, and whose writes are made as one."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.calls.together import Transaction
from protocube_server.storage.base import Guard, Refused, Set, SetDone
from protocube_server.verbs.bulk import gathering
from protocube_server.verbs.bulk.gathering import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from protocube_server.calls.together import ChangedTogether
    from protocube_server.storage.base import Outcome, Put, Store, Write
    from protocube_server.verbs.bulk.claims import Claim
    from protocube_server.verbs.bulk.gathering import Gathers

    Start = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]

_TOLD: Final = 16
"""Calls that go on in one round of the loop once their writes are made."""


class Part(ABC):
    """A number of calls. Once all that go on wait with a write, these are made."""

    def __init__(self, store: Store, start: Start, calls: int, claim: Claim | None) -> None:
        """``start`` runs a coroutine beside the calls, and ends it with them."""
        self._store = store
        self._start = start
        self._open = calls
        self._claim = claim
        self._waiting: list[Waiting] = []
        self._is_writing = False
        self._is_given_up = False

    def of(self, call: int) -> Gathers:
        """Return what the writes of one call are handed to."""
        return _Own(self, call)

    async def write(self, call: int, write: Write) -> Outcome:
        """Make a write of a call with those of the others."""
        self.require_open()
        waiting = Waiting(call, write)
        self._waiting.append(waiting)
        self._look()
        return await waiting.outcome

    def end(self, call: int, *, failed: bool) -> None:
        """Note that a call has ended."""
        self._open -= 1
        if failed:
            self.failed(call)
        self._look()

    def give_up(self) -> None:
        """Make no more writes: the calls are being cancelled."""
        self._is_given_up = True

    @abstractmethod
    def require_open(self) -> None:
        """Raise why no more can be written, if that is so."""

    @abstractmethod
    def failed(self, call: int) -> None:
        """Draw conclusions from a call that failed."""

    @abstractmethod
    async def make(self, waiting: Sequence[Waiting]) -> Sequence[Waiting]:
        """Make writes, and return those that wait for the next time."""

    def _look(self) -> None:
        if self._is_writing or self._is_given_up:
            return
        if self._waiting and len(self._waiting) == self._open:
            self._is_writing = True
            self._start(self._write())

    async def _write(self) -> None:
        # They come as they are ready. Which one of two is too many is told by their order.
        waiting = sorted(self._waiting, key=lambda each: each.call)
        self._waiting = []
        try:
            self._waiting += await self.make(waiting)
        except Exception as error:  # noqa: BLE001  # it is the calls', who await it
            gathering.fail(waiting, error)
        finally:
            self._is_writing = False
        self._look()


class _Own:
    """See :meth:`Part.of`."""

    __slots__ = ("_call", "_part")

    def __init__(self, part: Part, call: int) -> None:
        self._part = part
        self._call = call

    async def write(self, write: Write) -> Outcome:
        """See :class:`~protocube_server.verbs.bulk.gathering.Gathers`."""
        return await self._part.write(self._call, write)


class Together(Part):
    """Writes that are made at a time, each under its own conditions.

    They cost the store, and the way there, less than one by one. Of a claimed request a record
    goes with them.
    """

    def require_open(self) -> None:
        """Do nothing: no call depends on another one."""

    def failed(self, call: int) -> None:
        """Do nothing."""

    async def make(self, waiting: Sequence[Waiting]) -> Sequence[Waiting]:
        """Make what fits into one batch. Raises what the store raises."""
        taken, left = gathering.fitting(waiting)
        claim = self._claim
        if claim is None:
            await self._make_plain(taken)
        else:
            await self._make_claimed(taken, claim)
        return left

    async def _make_plain(self, taken: Sequence[Waiting]) -> None:
        try:
            outcomes = await self._store.write([each.write for each in taken])
        except errors.MethodNotSupported:
            if len(taken) == 1:
                raise
            # The store takes one write at a time.
            await asyncio.gather(*(self._make_alone(each) for each in taken))
        else:
            await _tell(taken, outcomes)

    async def _make_alone(self, waiting: Waiting) -> None:
        try:
            gathering.tell([waiting], await self._store.write([waiting.write]))
        except Exception as error:  # noqa: BLE001  # it is the call's, which awaits it
            gathering.fail([waiting], error)

    async def _make_claimed(self, taken: Sequence[Waiting], claim: Claim) -> None:
        batch: list[Write] = [_guarded(each.write, claim.guard) for each in taken]
        *outcomes, _ = await self._store.write((*batch, claim.record_of(taken)))
        told: list[Outcome] = []
        for each, outcome in zip(taken, outcomes, strict=True):
            if claim.is_lost_by(outcome):
                gathering.fail([each], claim.lost())
            if isinstance(outcome, SetDone) and not isinstance(each.write, Set):
                told.append(outcome.outcomes[0])
            else:
                told.append(outcome)
        await _tell(taken, told)


class Atomic(Part):
    """Writes that happen together or not at all."""

    def __init__(self, store: Store, start: Start, calls: int, claim: Claim | None) -> None:
        super().__init__(store, start, calls, claim)
        self.together = Transaction()
        """What its calls know of each other."""
        self.is_done = False
        """They have happened."""
        self.first_failed: int | None = None
        """The call for whose sake nothing has happened."""

    def require_open(self) -> None:
        """Raise ``errors.NotDone`` when another call has failed."""
        if self.first_failed is not None:
            raise not_done(self.first_failed)

    def failed(self, call: int) -> None:
        """Let all others fail, too."""
        if self.first_failed is None and not self.is_done:
            self.first_failed = call
            waiting, self._waiting = self._waiting, []
            gathering.fail(waiting, not_done(call))

    async def make(self, waiting: Sequence[Waiting]) -> Sequence[Waiting]:
        """Make all of them. Where a condition did not hold, those whose it is are told.

        They fail, or try with other conditions, and then all are made again. Raises what the store
        raises.
        """
        key, older = gathering.outdated(waiting, self.together.changed)
        if older:
            # They read it anew, and are made with the others then.
            gathering.tell(older, [Refused(key=key, current=None)] * len(older))
            return [each for each in waiting if each not in older]
        if unfit := _first_unfit(waiting, self.together.changed):
            # The others fail with it, once its call has ended.
            gathering.fail([unfit.waiting], errors.BadRequest(unfit.why))
            return [each for each in waiting if each is not unfit.waiting]
        claim = self._claim
        beside: tuple[Put, ...] = (claim.record_of(waiting),) if claim is not None else ()
        together = gathering.as_one(waiting, *beside, together=self.together.changed)
        if claim is not None:
            together = _guarded(together, claim.guard)
        (outcome,) = await self._store.write((together,))
        if isinstance(outcome, SetDone):
            self.is_done = True
            outcomes = gathering.outcomes_of(waiting, together, outcome)
            await _tell(waiting, outcomes)
            return ()
        assert isinstance(outcome, Refused)  # noqa: S101  # a set has no other outcome
        if claim is not None and claim.is_lost_by(outcome):
            raise claim.lost()
        about = [each for each in waiting if each.is_about(outcome)]
        gathering.tell(about, [outcome] * len(about))
        return [each for each in waiting if each not in about]


async def _tell(waiting: Sequence[Waiting], outcomes: Sequence[Outcome]) -> None:
    """Give calls the outcomes of their writes, some in each round of the loop.

    Each then has its answer made, and what makes up a batch is long together.
    """
    for begin in range(0, len(waiting), _TOLD):
        if begin:
            await asyncio.sleep(0)
        gathering.tell(waiting[begin : begin + _TOLD], outcomes[begin : begin + _TOLD])


def not_done(call: int) -> errors.NotDone:
    """Return the failure of a write whose request is atomic, where another one failed."""
    return errors.NotDone(f"not done: the request is atomic, and its write {call} failed")


def _guarded(write: Write, guard: Guard) -> Set:
    own = write if isinstance(write, Set) else Set(writes=(write,))
    return Set(writes=own.writes, guards=(*own.guards, guard))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unfit:
    waiting: Waiting
    why: str


def _first_unfit(waiting: Sequence[Waiting], together: ChangedTogether) -> _Unfit | None:
    """Return the first write that cannot be in a transaction with the others: it has no order."""
    seen: dict[bytes, bool] = {}
    for each in waiting:
        for write in each.writes:
            is_own = gathering.changed(write, together) is None
            if write.key in seen and (is_own or seen[write.key]):
                text = "an atomic request cannot write the same twice: {}"
                return _Unfit(waiting=each, why=text.format(_shown(write.key)))
            seen[write.key] = is_own
    for each in waiting:
        for guard in each.guards:
            if guard.key in seen:
                text = "an atomic request cannot write what another write of it depends on: {}"
                return _Unfit(waiting=each, why=text.format(_shown(guard.key)))
    return None


def _shown(key: bytes) -> str:
    return key.decode(errors="replace")
