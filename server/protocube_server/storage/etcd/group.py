"""Group commit: one transaction at a time, and whatever arrives meanwhile goes into the next.

etcd then pays the cost of a transaction, and the disk's, once for many callers. Each
caller keeps its own conditions and gets its own outcomes. Two transactions at once
would each be half as large, and lose the gain.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from protocube import errors
from protocube_server.storage import base, limits
from protocube_server.storage.batching import BatchDelay
from protocube_server.storage.etcd import faults

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
                and grown + widest <= limits.MAX_OPERATIONS
                and (wire + extent.wire <= _MAX_BYTES or not together)
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
        writes = [write for waiting in together for write in waiting.batch]
        try:
            outcomes = await self._send(writes)
        except errors.ApiError as error:
            for waiting in together:
                # One each: raising an exception writes its traceback into it.
                _fail(waiting, error.with_message(error.message))
        except asyncio.CancelledError:
            for waiting in together:
                _fail(waiting, faults.cut_off_write())
            raise
        except Exception:  # noqa: BLE001  # a fault of ours must not end the sender
            _log.exception("a transaction failed")
            for waiting in together:
                _fail(waiting, errors.OutcomeUnknown("the write may have happened or not"))
        else:
            begin = 0
            for waiting in together:
                end = begin + len(waiting.batch)
                if not waiting.future.done():
                    waiting.future.set_result(outcomes[begin:end])
                begin = end


def _fail(waiting: _Waiting, error: errors.ApiError) -> None:
    if not waiting.future.done():
        waiting.future.set_exception(error)
