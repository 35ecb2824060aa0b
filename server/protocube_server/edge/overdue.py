"""Ends the calls that take too long, and all calls when the server ends.

All calls may take equally long, so the one that began first is the first to be late, and
one timer serves them all. A timer for each costs several microseconds of every call.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True, eq=False)
class Turn:
    """One call: its task, and when it is late."""

    task: asyncio.Task[Any]
    ends: float
    is_late: bool = False
    """The task was cancelled because it took too long."""
    is_cut_off: bool = False
    """The task was cancelled because the server waits no longer."""


class Overdue:
    """Cancels the tasks of calls that are not over after so many ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._turns: OrderedDict[Turn, None] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> Turn:
        """Note that the current task begins a call; :meth:`end` must follow."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a coroutine runs in a task
        loop = asyncio.get_running_loop()
        turn = Turn(task, loop.time() + self._seconds)
        self._turns[turn] = None
        if self._timer is None:
            self._timer = loop.call_at(turn.ends, self._look)
        return turn

    def end(self, turn: Turn) -> None:
        """Note that a call is over."""
        self._turns.pop(turn, None)

    def cut_off(self) -> None:
        """Cancel what is in flight."""
        for turn in self._turns:
            turn.is_cut_off = True
            turn.task.cancel()

    def _look(self) -> None:
        """Cancel what is late, and look again when the next call can be."""
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._turns:
            turn = next(iter(self._turns))
            if turn.ends > loop.time():
                self._timer = loop.call_at(turn.ends, self._look)
                return
            del self._turns[turn]
            turn.is_late = True
            turn.task.cancel()
