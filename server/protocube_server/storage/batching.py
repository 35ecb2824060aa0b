"""Requests that share the way to the store: what waits goes out together, one batch at a time.

A read of one key costs little in a store and much on the way to it, and what is in one
transaction shares its cost. While a batch is out, further requests wait for the next one; none
joins a batch that was sent, so an answer is never older than its question.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from protocube_server.storage import base

_Q = TypeVar("_Q")
_A = TypeVar("_A")

Ask = Callable[[Sequence[_Q]], Awaitable[Sequence[_A]]]
"""Answers some questions, in their order."""

_ALONE = 4
"""A batch that held no more than that is followed by the next one at once."""
_SECONDS_EACH = 0.0004
_LONGEST_SECONDS = 0.004


class BatchDelay:
    """How long one kind of batches waits for more requests before it is sent.

    A request that is alone never waits. Under load, a batch waits the longer the more the last
    one held, so that batches grow to what the load is worth; the time is not lost, because the
    event loop works on those calls meanwhile.
    """

    def __init__(self) -> None:
        self._sent = 0

    async def wait(self) -> None:
        """Wait for more requests."""
        if self._sent <= _ALONE:
            # Callers that are ready in this same turn of the loop still come.
            await asyncio.sleep(0)
        else:
            await asyncio.sleep(min(self._sent * _SECONDS_EACH, _LONGEST_SECONDS))

    def sent(self, count: int) -> None:
        """Note how many requests a batch held."""
        self._sent = count


class Batcher(Generic[_Q, _A]):
    """Asks for many callers. ``most`` is the most questions in one batch."""

    def __init__(self, ask: Ask[_Q, _A], *, most: int) -> None:
        self._ask = ask
        self._most = most
        self._waiting: deque[tuple[_Q, asyncio.Future[_A]]] = deque()
        self._delay = BatchDelay()
        self._sending: asyncio.Task[None] | None = None

    async def ask(self, question: _Q) -> _A:
        """Return the answer to one question, or raise what its batch raised."""
        future: asyncio.Future[_A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_all(), name="batched-reads")
        return await future

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                await self._delay.wait()
                count = min(len(self._waiting), self._most)
                batch = [self._waiting.popleft() for _ in range(count)]
                self._delay.sent(count)
                # Questions that were cancelled meanwhile need no answer.
                await self._send([each for each in batch if not each[1].done()])
        finally:
            self._sending = None

    async def _send(self, batch: Sequence[tuple[_Q, asyncio.Future[_A]]]) -> None:
        if not batch:
            return
        try:
            answers = await self._ask([question for question, _ in batch])
        except Exception as error:  # noqa: BLE001  # it is the callers', who await it
            for _, future in batch:
                if not future.done():
                    future.set_exception(base.own(error))
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
