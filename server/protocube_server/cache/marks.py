"""When a watch is told how far it has come."""

from __future__ import annotations

import asyncio
import math

_LAST_SECONDS = 2.0
"""Before its end a watch is told, so that the next one goes on from there."""
_LAST_EVERY = 1.0


class Marks:
    """The times of the progress marks of one watch.

    They are ``every`` so many seconds, never where that is ``None``. When the watch has an
    ``end``, in the time of the event loop, they come from two seconds before it on, too.
    """

    def __init__(self, every: float | None, end: float | None = None) -> None:
        self.are_wanted = every is not None
        self._every = math.inf if every is None else every
        self._last = math.inf if end is None else end - _LAST_SECONDS
        self._now = asyncio.get_running_loop().time
        self.at = self._next()
        """When the next one is due."""

    def take(self) -> bool:
        """Tell whether one is due; if so, the next one is due later."""
        if not self.are_wanted or self._now() < self.at:
            return False
        self.at = self._next()
        return True

    def _next(self) -> float:
        now = self._now()
        if now < self._last:
            return min(now + self._every, self._last)
        return now + min(self._every, _LAST_EVERY)
