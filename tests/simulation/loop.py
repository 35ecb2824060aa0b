"""An event loop without a clock and without chance but that of a seed.

Time is virtual: when nothing is ready, it jumps to the next timer. Of the tasks that are ready,
the seed draws which goes next; whatever else was scheduled keeps its place, because callers may
rely on that order. There is no input or output: who waits for some waits for ever, and that is
:class:`Stuck`.

There are libraries for that (seedloop, simloop, simloom), for Python 3.12 and newer, and young;
this one works on 3.11 and is smaller than what would adapt them to it.
"""

from __future__ import annotations

import asyncio
import itertools
import selectors
from asyncio import tasks
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Coroutine

_T = TypeVar("_T")

# The one in C tells nobody which task a handle belongs to.
_Task: Any = tasks._PyTask  # type: ignore[attr-defined]  # typeshed leaves it out


_MOST_TURNS = 100_000
"""A run of a hundred calls has some thousand."""


class Stuck(Exception):  # a statement about the run
    """What is waited for will not come: nothing is ready, or the same work goes on for ever."""


class _Nothing(selectors.SelectSelector):
    """Waits in no time at all; ``passed`` is told how long it would have been."""

    def __init__(self, passed: Callable[[float], None]) -> None:
        super().__init__()
        self._passed = passed

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Stuck("nothing is ready, and no timer runs")
        self._passed(max(timeout, 0.0))
        return []


class SimulatedLoop(asyncio.SelectorEventLoop):
    """One run of everything in one thread; the same ``chance`` makes the same run."""

    def __init__(self, chance: random.Random) -> None:
        self._virtual = 0.0
        super().__init__(_Nothing(self._pass))
        self._clock_resolution = 1e-6
        self._chance = chance
        self._numbers = itertools.count()
        self._turns = 0
        self.set_task_factory(self._make)

    def time(self) -> float:
        """Return the virtual seconds since the beginning."""
        return self._virtual

    def _pass(self, seconds: float) -> None:
        self._virtual += seconds

    def _make(self, loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> Any:
        task = _Task(work, loop=loop, **options)
        task.number = next(self._numbers)
        return task

    def _run_once(self) -> None:
        self._turns += 1
        if self._turns == _MOST_TURNS:
            raise Stuck(f"it goes on after {_MOST_TURNS} turns, at {self._virtual:.0f} s")
        ready: Any = self._ready  # type: ignore[attr-defined]  # typeshed leaves it out
        if len(ready) > 1:
            self._draw(ready)
        super()._run_once()  # type: ignore[misc]  # typeshed leaves it out

    def _draw(self, ready: Any) -> None:
        """Let chance say in which order the tasks of ``ready`` go."""
        places = [place for place, handle in enumerate(ready) if _task_of(handle) is not None]
        if len(places) > 1:
            # Sets hand on tasks in the order of their addresses: that must not count.
            handles = sorted((ready[place] for place in places), key=_number)
            self._chance.shuffle(handles)
            for place, handle in zip(places, handles, strict=True):
                ready[place] = handle


async def wait(seconds: float) -> None:
    """Wait so many virtual seconds, which take no time."""
    passed = asyncio.get_running_loop().create_future()
    timer = asyncio.get_running_loop().call_later(seconds, passed.set_result, None)
    try:
        await passed
    finally:
        timer.cancel()


def run(work: Coroutine[Any, Any, _T], chance: random.Random) -> _T:
    """Run ``work`` to its end on a loop of its own. Raises :class:`Stuck` when it has none."""
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(chance)) as runner:
        return runner.run(work)


def _task_of(handle: Any) -> Any:
    owner = getattr(handle._callback, "__self__", None)  # asyncio has no other way
    return owner if isinstance(owner, _Task) else None


def _number(handle: Any) -> int:
    return int(_task_of(handle).number)
