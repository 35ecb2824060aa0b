"""Long work beside short work: it goes in turns, and one at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

SECONDS: Final = 0.005
"""So long may work go on before others have their turn."""

_PAUSE: Final = 0.001
"""A turn of others, in seconds. gRPC takes calls in with a thread, which a loop that goes round
without a pause keeps from running."""

_locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


class Pace:
    """How long the present turn has been going on."""

    def __init__(self) -> None:
        # The loop's own time, so that a simulated loop takes the same turns each time.
        self._now = asyncio.get_running_loop().time
        self._end = self._now() + SECONDS

    async def step(self) -> None:
        """Let others have their turn if this one has been long enough."""
        if self._now() >= self._end:
            await asyncio.sleep(_PAUSE)
            self._end = self._now() + SECONDS


async def taken(parts: Iterable[T | None]) -> list[T]:
    """Return what ``parts`` yields, but for each ``None``: there others may have their turn.

    Of all that is long on an event loop one goes on at a time, so that others wait for one
    turn and not for as many as there is such work. What ends within its first turn waits for
    nothing.
    """
    found: list[T] = []
    loop = asyncio.get_running_loop()
    end = loop.time() + SECONDS
    remaining = iter(parts)
    for part in remaining:
        if part is not None:
            found.append(part)
        elif loop.time() >= end:
            break
    else:
        return found
    async with _locks.setdefault(loop, asyncio.Lock()):
        pace = Pace()
        for part in remaining:
            if part is None:
                await pace.step()
            else:
                found.append(part)
    return found
