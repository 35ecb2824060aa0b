"""Group commit: one transaction at a time, and whatever arrives meanwhile goes into the next.

etcd then pays the cost of a transaction, and the disk's, once for many callers. Each
caller keeps its own conditions and gets its own outcomes: a transaction that etcd refuses
for what is in it is divided until the refusal is one caller's. Two transactions at once
would each be half as large, and lose the gain.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from protocube import errors
from protocube_server.storage import base, limits
from protocube_server.storage.batching import BatchDelay
from protocube_server.storage.etcd import faults, transactions
from protocube_server.storage.etcd.bound import Bound

_MAX_BYTES = 1024 * 1024  # Well below what etcd takes; one larger batch goes alone.
_LOOK_AHEAD = 4 * limits.MAX_WRITES
_OVERDUE_SECONDS = 2.0

_log = logging.getLogger(__name__)

Send = Callable[[Sequence[base.Write]], Awaitable[Sequence[base.Outcome]]]
"""Sends one transaction; the keys of its writes differ, and no guard is of one of them."""


# Not frozen: that is made anew for every write, and freezing would double what it takes.
@dataclass(slots=True, kw_only=True, eq=False)
class _Waiting:
    batch: Sequence[base.Write]
    extent: limits.Extent
    expires: float
    future: asyncio.Future[Sequence[base.Outcome]]


class Group:
    """Collects batches and sends them together.

    ``patience`` is the longest that a batch waits to be sent, in seconds. A transaction
    without an answer for ``overdue`` seconds holds up the next one no longer.
    """

    def __init__(self, send: Send, *, patience: float, overdue: float = _OVERDUE_SECONDS) -> None:
        self._send = send
        self._patience = patience
        self._overdue = overdue
        self._waiting: deque[_Waiting] = deque()
        self._news = asyncio.Event()
        self._closed = False
        self._delay = BatchDelay()
        self._bytes = Bound(_MAX_BYTES)
        self._operations = Bound(limits.MAX_OPERATIONS)
        self._is_full = False
        self._senders: set[asyncio.Task[None]] = set()
        self._start_sender()

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """Write a batch in a transaction that others may share. Raises as :func:`limits.check`."""
        extent = limits.check(batch)
        if self._closed:
            raise base.closed()
        loop = asyncio.get_running_loop()
        waiting = _Waiting(
            batch=batch,
            extent=extent,
            expires=loop.time() + self._patience,
            future=loop.create_future(),
        )
        self._waiting.append(waiting)
        self._news.set()
        return await waiting.future

    async def close(self) -> None:
        """Give up. What was sent and not answered is ``errors.OutcomeUnknown``."""
        self._closed = True
        for sender in (senders := tuple(self._senders)):
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        for waiting in self._waiting:
            _fail(waiting, base.closed())
        self._waiting.clear()

    def _start_sender(self) -> None:
        """Begin to send transactions, one after the other."""
        if not self._closed:
            sender = asyncio.create_task(self._send_all(), name="etcd-group-commit")
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)

    def _relieve(self, relieved: asyncio.Event) -> None:
        relieved.set()
        self._start_sender()

    async def _send_all(self) -> None:
        relieved = asyncio.Event()
        while not relieved.is_set():
            await self._news.wait()
            await self._delay.wait()
            together = self._next_batch()
            self._delay.sent(len(together))
            if not self._waiting:
                self._news.clear()
            if together:
                # The member that has it may hang, and there are others: then
                # another sender goes on with the next ones.
                loop = asyncio.get_running_loop()
                relief = loop.call_later(self._overdue, self._relieve, relieved)
                await self._commit(together)
                relief.cancel()

    def _next_batch(self) -> list[_Waiting]:
        """Take what goes into the next transaction, first come first served.

        A key is in it once. Later writes of it wait, in their order, and so does what
        is guarded by it: etcd looks at all conditions before it writes anything. What
        the widest set needs of etcd's operations there is no room for in the outer
        transaction; see :mod:`limits`.
        """
        now = asyncio.get_running_loop().time()
        together: list[_Waiting] = []
        left: list[_Waiting] = []
        most_bytes, most_operations = self._bytes.most, self._operations.most
        keys: set[bytes] = set()
        guards: set[bytes] = set()
        parts = width = wire = 0
        for _ in range(min(len(self._waiting), _LOOK_AHEAD)):
            if parts == limits.MAX_WRITES:
                break
            waiting = self._waiting.popleft()
            if waiting.future.done():
                continue  # Its caller was cancelled.
            if waiting.expires < now:
                message = "the store is too busy: the write waited too long and was not sent"
                _fail(waiting, errors.Unavailable(message))
                continue
            extent = waiting.extent
            grown = parts + len(waiting.batch)
            widest = max(width, extent.width)
            fits = (
                grown <= limits.MAX_WRITES
                and (grown + widest <= most_operations or not together)
                and (wire + extent.wire <= most_bytes or not together)
                and keys.isdisjoint(extent.keys)
                and keys.isdisjoint(extent.guards)
                and guards.isdisjoint(extent.keys)
            )
            keys |= extent.keys
            guards |= extent.guards
            if fits:
                together.append(waiting)
                parts, width, wire = grown, widest, wire + extent.wire
            else:
                left.append(waiting)
        self._waiting.extendleft(reversed(left))
        return together

    async def _commit(self, together: Sequence[_Waiting]) -> None:
        """Send a transaction, and in parts what was refused for one of its parts."""
        left: deque[Sequence[_Waiting]] = deque([together])
        try:
            while left:
                # Callers that were cancelled meanwhile have nothing to be sent for.
                part = [each for each in left.popleft() if not each.future.done()]
                if part:
                    left.extendleft(reversed(await self._try(part)))
        except asyncio.CancelledError:
            for waiting in itertools.chain.from_iterable(left):
                _fail(waiting, base.closed())
            raise

    async def _try(self, together: Sequence[_Waiting]) -> Sequence[Sequence[_Waiting]]:
        """Send a transaction. Return what is to be sent anew because etcd has refused it."""
        writes = [write for waiting in together for write in waiting.batch]
        try:
            outcomes = await self._send(writes)
        except errors.ApiError as error:
            return self._refused(together, error)
        except asyncio.CancelledError:
            for waiting in together:
                _fail(waiting, faults.cut_off_write())
            raise
        except Exception:  # noqa: BLE001  # a fault of ours must not end the sender
            _log.exception("a transaction failed")
            for waiting in together:
                _fail(waiting, errors.OutcomeUnknown("the write may have happened or not"))
        else:
            self._taken(together)
            begin = 0
            for waiting in together:
                end = begin + len(waiting.batch)
                if not waiting.future.done():
                    waiting.future.set_result(outcomes[begin:end])
                begin = end
        return ()

    def _taken(self, together: Sequence[_Waiting]) -> None:
        self._bytes.taken(_bytes_of(together))
        self._operations.taken(_operations_of(together))
        if self._is_full and any(map(_takes_room, together)):
            self._is_full = False
            _log.warning("etcd takes writes again")

    def _refused(
        self, together: Sequence[_Waiting], error: errors.ApiError
    ) -> Sequence[Sequence[_Waiting]]:
        """Fail those that a refusal is for; return the others, to be sent anew."""
        if isinstance(error, base.Full):
            if not self._is_full:
                self._is_full = True
                _log.warning("%s", error)
            # Newer etcd counts what is put, whatever else a set does.
            kinds = (_takes_room, _puts, bool)
            needs = next(each for each in kinds if any(map(each, together)))
            for waiting in filter(needs, together):
                _fail(waiting, error.with_message(error.message))
            return ([waiting for waiting in together if not needs(waiting)],)
        if isinstance(error, errors.TooLarge):
            if faults.is_of_operations(error):
                self._operations.refused(_operations_of(together))
            else:
                self._bytes.refused(_bytes_of(together))
        if len(together) > 1 and faults.is_of_one(error):
            half = len(together) // 2
            return together[:half], together[half:]
        for waiting in together:
            # One each: raising an exception writes its traceback into it.
            _fail(waiting, error.with_message(error.message))
        return ()


def _bytes_of(together: Sequence[_Waiting]) -> int:
    return sum(waiting.extent.wire for waiting in together)


def _operations_of(together: Sequence[_Waiting]) -> int:
    parts = sum(len(waiting.batch) for waiting in together)
    return parts + max(waiting.extent.width for waiting in together)


def _takes_room(waiting: _Waiting) -> bool:
    return any(map(transactions.takes_room, waiting.batch))


def _puts(waiting: _Waiting) -> bool:
    parts = (part.writes if isinstance(part, base.Set) else (part,) for part in waiting.batch)
    return any(isinstance(write, base.Put) for write in itertools.chain.from_iterable(parts))


def _fail(waiting: _Waiting, error: errors.ApiError) -> None:
    if not waiting.future.done():
        waiting.future.set_exception(error)
