"""Long work beside short work: it goes in turns, and one at a time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

SECONDS: Final = 0.005
"""So long may work go on before others have their turn."""

_locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


class Pace:
    """How long the present turn has been going on."""

    def __init__(self) -> None:
        self._end = time.monotonic() + SECONDS

    async def step(self) -> None:
        """Let others have their turn if this one has been long enough."""
        if time.monotonic() >= self._end:
            await asyncio.sleep(0)
            self._end = time.monotonic() + SECONDS


async def taken(parts: Iterable[T | None]) -> list[T]:
    """Return what ``parts`` yields, but for each ``None``: there others may have their turn.

    Of all that is long on an event loop one goes on at a time, so that others wait for one
    turn and not for as many as there is such work. What ends within its first turn waits for
    nothing.
    """
    found: list[T] = []
    end = time.monotonic() + SECONDS
    remaining = iter(parts)
    for part in remaining:
        if part is not None:
            found.append(part)
        elif time.monotonic() >= end:
            break
    else:
        return found
    async with _locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        pace = Pace()
        for part in remaining:
            if part is None:
                await pace.step()
            else:
                found.append(part)
    return found
