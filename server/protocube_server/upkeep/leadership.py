"""Of several servers on one store, one leads, and works for all of them.

One key of the store, ``<prefix>/~system/leadership``, says who leads. The leader renews it
every few seconds; every write of it has the key's last revision as its condition, so the
store decides who leads, and no clocks are compared. A follower takes the leadership when it
has seen no renewal for its *patience*, measured by its own clock, and at once when the
leader has given it up. A leader that could not renew stops its workers after its *deadline*,
which is shorter. Should it be late all the same (its process was stopped), the guard of its
:class:`Term` fails: its workers' writes are refused by the store.

A renewal is a write: one revision and, in an SQLite file, one wait for the disk every
five seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import uuid
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import keys
from protocube_server.storage.base import GuardFailed, Put, Refused
from protocube_server.upkeep.term import Claim, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.storage.base import Record, Store

Worker = Callable[[Term], Awaitable[None]]
"""Works for all servers during one term. It is cancelled when the term ends."""

_RELEASE_SECONDS = 1.0
"""A store that hangs does not hold up a server that stops."""

_LOG = logging.getLogger("protocube.server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The times of a leadership, in seconds."""

    renewal: float = 5.0
    """Between two renewals."""
    deadline: float = 10.0
    """After so long without a renewal a leader stops its workers."""
    patience: float = 15.0
    """After so long without a renewal a follower takes the leadership."""
    pause: float = 1.0
    """Before what has failed is tried again: a worker, or a call of the store."""

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for times of which two servers could lead at once."""
        if not self.renewal < self.deadline < self.patience:
            message = "a renewal comes before the deadline, and that before the patience ends"
            raise ValueError(message)


_PACE = Pace()


class Leadership:
    """One server's part in the leadership of a store. ``prefix`` is that of the store.

    ``holder`` is a name that no other server has; by default one is made.
    """

    def __init__(self, store: Store, prefix: str, *, holder: str = "", pace: Pace = _PACE) -> None:
        self.holder = holder or f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"
        self._store = store
        self._key = keys.system(prefix, keys.Area.LEADERSHIP)
        self._pace = pace
        self._epoch = 0
        """The newest one that was seen."""
        self._is_failing = False

    async def run(self, workers: Sequence[Worker]) -> None:
        """Lead whenever this server can, and run ``workers`` meanwhile. Cancel it.

        A worker that fails is started again after a pause; the others go on. Without any
        worker there is nothing to lead: it returns at once.
        """
        if not workers:
            return
        try:
            while True:
                await self._take_part(workers)
        finally:
            await self._release()

    async def _take_part(self, workers: Sequence[Worker]) -> None:
        """Follow until this server leads, and lead until it does not."""
        try:
            claimed = await self._follow()
            self._is_failing = False
            await self._lead(claimed, workers)
        except errors.ApiError as error:
            if not self._is_failing:
                _LOG.warning("leadership: %s; trying again", error)
            self._is_failing = True
            await asyncio.sleep(self._pace.pause)
        except Exception:  # noqa: BLE001  # a fault of ours must not end the leadership
            _LOG.exception("leadership failed; trying again")
            await asyncio.sleep(self._pace.pause)

    async def _follow(self) -> _Claimed:
        """Wait until the leadership can be taken, and take it."""
        now = asyncio.get_running_loop().time
        record = await self._store.get(self._key)
        while True:
            claim = Claim.read(record)
            # A claim of our own is from a term that has ended: its workers are gone.
            if record is not None and claim.holder not in ("", self.holder):
                changed = await self._changed(record)
                if changed != record:
                    record = changed
                    continue
                _LOG.warning("%s, which led, is silent", claim.holder)
            self._epoch = max(self._epoch, claim.epoch) + 1
            mine = Claim(holder=self.holder, epoch=self._epoch, renewal=0)
            sent = now()
            outcome = await self._put(mine, record.mod_revision if record else 0)
            if not isinstance(outcome, Refused):
                term = Term(self._store, mine, key=self._key, revision=outcome)
                return _Claimed(term=term, sent=sent)
            record = outcome.current

    async def _changed(self, record: Record) -> Record | None:
        """Return what takes the place of ``record``; itself when nothing does in time."""
        try:
            async with asyncio.timeout(self._pace.patience):
                while True:
                    with contextlib.suppress(errors.Expired):
                        return await self._next(record)
        except TimeoutError:
            return record

    async def _next(self, record: Record) -> Record | None:
        after = await self._store.revision()
        found = await self._store.get(self._key)
        if found != record:
            return found
        async with aclosing(self._store.watch(self._key, after=after)) as watch:
            async for revision in watch:
                for event in revision.events:
                    if event.key == self._key:
                        return event.record
        raise AssertionError("a watch does not end by itself")

    async def _lead(self, claimed: _Claimed, workers: Sequence[Worker]) -> None:
        term = claimed.term
        _LOG.debug("leading the servers of this store (epoch %d)", term.epoch)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._work(worker, term)) for worker in workers]
            try:
                why = await self._keep(term, claimed.sent)
            finally:
                for task in tasks:
                    task.cancel()
        _LOG.warning("not leading any more (epoch %d): %s", term.epoch, why)

    async def _keep(self, term: Term, sent: float) -> str:
        """Renew a term as long as possible. Return why it has ended.

        The last renewal began at ``sent``: no follower can have seen it before that.
        """
        renewals = 0
        try:
            while True:
                async with asyncio.timeout_at(sent + self._pace.deadline):
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self._pace.renewal):
                            await term.lost.wait()
                    renewals += 1
                    renewed = await self._renew(term, renewals)
                    if renewed is None:
                        return "another server leads"
                    sent = renewed
        except TimeoutError:
            return f"it could not be renewed within {self._pace.deadline:g} s"

    async def _renew(self, term: Term, renewals: int) -> float | None:
        """Renew a term; return when the renewal began, ``None`` when the term was lost."""
        now = asyncio.get_running_loop().time
        claim = Claim(holder=self.holder, epoch=term.epoch, renewal=renewals)
        while not term.lost.is_set():
            sent = now()
            try:
                outcome = await self._put(claim, term.guard.revision)
            except errors.ApiError as error:
                _LOG.warning("the leadership was not renewed: %s", error)
                await asyncio.sleep(self._pace.pause)
                continue
            if isinstance(outcome, Refused):
                # It may be a renewal of ours whose answer was lost.
                term.adopt(outcome.current)
                continue
            term.renewed(outcome)
            return sent
        return None

    async def _put(self, claim: Claim, expected: int) -> int | Refused:
        """Write a claim; return its revision."""
        put = Put(key=self._key, value=claim.value(), expected=expected)
        (outcome,) = await self._store.write((put,))
        return outcome if isinstance(outcome, Refused) else outcome.revision

    async def _work(self, worker: Worker, term: Term) -> None:
        """Run a worker, again and again when it fails."""
        name = getattr(worker, "__qualname__", type(worker).__qualname__)
        pause = self._pace.pause
        while not term.lost.is_set():
            try:
                await worker(term)
            except GuardFailed as failed:
                if failed.key != self._key:
                    _LOG.exception("%s failed; starting it again in %g s", name, pause)
            except errors.ApiError as error:
                _LOG.warning("%s: %s; starting it again in %g s", name, error, pause)
            except Exception:  # noqa: BLE001  # it must not end the other workers
                _LOG.exception("%s failed; starting it again in %g s", name, pause)
            else:
                return
            await asyncio.sleep(pause)

    async def _release(self) -> None:
        """Give up the leadership, if it is ours, so that a follower takes it at once."""
        try:
            async with asyncio.timeout(_RELEASE_SECONDS):
                record = await self._store.get(self._key)
                # A renewal that was under way may come in between: then it is given up anew.
                while record is not None and (claim := Claim.read(record)).holder == self.holder:
                    free = Claim(holder="", epoch=claim.epoch, renewal=claim.renewal)
                    outcome = await self._put(free, record.mod_revision)
                    if not isinstance(outcome, Refused):
                        return
                    record = outcome.current
        except (TimeoutError, errors.ApiError) as error:
            _LOG.info("the leadership was not released: %s", error)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claimed:
    term: Term
    sent: float
    """When the claim began, by the event loop's clock."""
