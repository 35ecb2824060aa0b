"""Long work beside short work: it goes in turns, and one at a time.

How long an event loop goes round is what every call waits, several times. So all work that begins
has a part of the time together, which is enough for most of it; of what is longer, or came in a
crowd, one goes on at a time, and the flows that have such work take turns. What is over in half
a millisecond is neither, unless too much of it is begun in one round of the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, Self, TypeVar
from weakref import WeakKeyDictionary

from protocube_server.seats import Seats

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube.steps import Steps

T = TypeVar("T")

SECONDS: Final = 0.005
"""So long may work go on before others have their turn."""

_PAUSE: Final = 0.001
"""A turn of others, in seconds. gRPC takes calls in with a thread, which a loop that goes round
without a pause keeps from running."""

_FREE: Final = 0.25
"""The part of all time that work may have which begins, in turns of :data:`SECONDS` together."""

_BRIEF: Final = 0.0005
"""Seconds of work that takes no turns of its own: to wait for one costs as much."""

_LONGEST_PAUSE: Final = 0.02
"""A turn of others while a crowd arrives. gRPC takes in one call in each round of the loop, of all
connections the first: behind a thousand calls another caller's waits for as many rounds."""


class _Loop:
    """What the long work of one event loop shares."""

    # It has no reference to its loop, by which it is held weakly.
    def __init__(self) -> None:
        self.lane = Seats(1)
        self.arrived = 0
        """Calls that had to wait when they arrived."""
        self._credit = SECONDS
        self._counted = 0.0
        """When the credit was counted last."""
        self._is_round_begun = False

    def first_end(self, loop: asyncio.AbstractEventLoop) -> float:
        """Return when the turn ends of what begins in this round of the loop."""
        self._begin_round(loop)
        return self._counted + self._credit

    def brief_end(self, loop: asyncio.AbstractEventLoop) -> float:
        """Return when brief works of this round of the loop have taken a turn together."""
        self._begin_round(loop)
        return self._counted + SECONDS

    def _begin_round(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._is_round_begun:
            now = loop.time()
            self._credit = min(SECONDS, self._credit + (now - self._counted) * _FREE)
            self._counted = now
            self._is_round_begun = True
            loop.call_soon(self._end_round, loop)

    def _end_round(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self._credit = max(0.0, self._credit - (now - self._counted))
        self._counted = now
        self._is_round_begun = False


_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _Loop] = WeakKeyDictionary()


def _of(loop: asyncio.AbstractEventLoop) -> _Loop:
    known = _loops.get(loop)
    if known is None:
        known = _loops[loop] = _Loop()
    return known


def note_crowd() -> None:
    """Tell long work that a call has arrived which has to wait: more may come behind it."""
    _of(asyncio.get_running_loop()).arrived += 1


_is_paced: ContextVar[bool] = ContextVar("is_paced", default=False)


@contextlib.contextmanager
def paced() -> Iterator[None]:
    """Let the tasks that are begun in this context do brief work without turns of their own.

    Whoever begins them has a :class:`Pace`: one turn of many short works costs less than many.
    """
    token = _is_paced.set(True)
    try:
        yield
    finally:
        _is_paced.reset(token)


async def next_stage() -> None:
    """Let the other tasks that were begun with this one, in a :func:`paced` context, come as far.

    What they all do next then finds itself in the processor's caches: objects on which hundreds of
    functions look would else drive each other's out.
    """
    if _is_paced.get():
        await asyncio.sleep(0)


class Pace:
    """Long work of one task, from now on until the context ends."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        shared = _of(loop)
        self._shared = shared
        self._lane = shared.lane
        # The loop's own time, so that a simulated loop takes the same turns each time.
        self._now = loop.time
        self._end = shared.first_end(loop)
        self._has_lane = False

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let other long work go on."""
        if self._has_lane:
            self._has_lane = False
            self._lane.give_back()

    async def step(self) -> None:
        """Let others have their turn if this one has been long enough."""
        if self._now() >= self._end:
            await self._next_turn()

    async def _next_turn(self) -> None:
        await self._pause()
        if not self._has_lane:
            await self._lane.take()
        elif self._lane.are_wanted_by_others():
            self._has_lane = False
            self._lane.give_back()
            # What is begun is ended first: halves of many answers take more room than one.
            await self._lane.take(first=True)
        self._has_lane = True
        self._end = self._now() + SECONDS

    async def _pause(self) -> None:
        end = self._now() + _LONGEST_PAUSE
        while True:
            seen = self._shared.arrived
            await asyncio.sleep(_PAUSE)
            if self._shared.arrived == seen or self._now() >= end:
                return


async def breath() -> None:
    """Let others have their turn, between parts of work that may take turns themselves."""
    loop = asyncio.get_running_loop()
    end = _of(loop).first_end(loop)
    # Most parts are over long before their turn is: those pay for no more than this look.
    if loop.time() < end:
        return
    with Pace() as pace:
        await pace.step()


def at_once(parts: Iterable[T | None]) -> list[T]:
    """Return what ``parts`` yields, but for each ``None``, in one go."""
    return [part for part in parts if part is not None]


async def taken(parts: Iterable[T | None]) -> list[T]:
    """Return what ``parts`` yields, but for each ``None``: there others may have their turn.

    What ends within its first turn waits for nothing, nor does brief work, of which there is no
    more than a turn in a round of the loop.
    """
    found: list[T] = []
    remaining = iter(parts)
    end = 0.0
    for part in remaining:
        if part is None:
            loop = asyncio.get_running_loop()
            now = loop.time()
            if not end:
                end = now + _BRIEF
                if not _is_paced.get():
                    end = min(end, _of(loop).brief_end(loop))
            if now >= end:
                break
            continue
        found.append(part)
    else:
        return found  # Short work pays for no turns.
    with Pace() as pace:
        await pace.step()
        for part in remaining:
            if part is None:
                await pace.step()
            else:
                found.append(part)
    return found


async def returned(steps: Steps[T]) -> T:
    """Return what ``steps`` returns; at each of its yields others may have their turn.

    Otherwise as :func:`taken`.
    """
    ((result,),) = await taken(_with_result(steps))
    return result


def _with_result(steps: Steps[T]) -> Iterator[tuple[T] | None]:
    yield ((yield from steps),)
