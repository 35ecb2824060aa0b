"""Questions that travel together: one flight at a time takes all that wait.

A read of one key costs little in a store and much on the way to it. While a flight is
out, further questions wait for the next one; none joins a flight that has left, so an
answer is never older than its question.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from protocube_server.storage import base
from protocube_server.storage.pacing import Pace

_Q = TypeVar("_Q")
_A = TypeVar("_A")

Ask = Callable[[Sequence[_Q]], Awaitable[Sequence[_A]]]
"""Answers some questions, in their order."""


class Joint(Generic[_Q, _A]):
    """Asks for many callers. ``most`` is the most questions in one flight."""

    def __init__(self, ask: Ask[_Q, _A], *, most: int) -> None:
        self._ask = ask
        self._most = most
        self._waiting: deque[tuple[_Q, asyncio.Future[_A]]] = deque()
        self._pace = Pace()
        self._flying: asyncio.Task[None] | None = None

    async def ask(self, question: _Q) -> _A:
        """Return the answer to one question, or raise what its flight raised."""
        future: asyncio.Future[_A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._flying is None:
            self._flying = asyncio.create_task(self._fly(), name="joint-reads")
        return await future

    async def _fly(self) -> None:
        try:
            while self._waiting:
                await self._pace.gather()
                count = min(len(self._waiting), self._most)
                aboard = [self._waiting.popleft() for _ in range(count)]
                self._pace.left(count)
                # Questions that were cancelled meanwhile need no answer.
                await self._flight([each for each in aboard if not each[1].done()])
        finally:
            self._flying = None

    async def _flight(self, aboard: Sequence[tuple[_Q, asyncio.Future[_A]]]) -> None:
        if not aboard:
            return
        try:
            answers = await self._ask([question for question, _ in aboard])
        except Exception as error:  # noqa: BLE001  # it is the callers', who await it
            for _, future in aboard:
                if not future.done():
                    future.set_exception(base.own(error))
            return
        for (_, future), answer in zip(aboard, answers, strict=True):
            if not future.done():
                future.set_result(answer)
