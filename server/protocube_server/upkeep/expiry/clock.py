"""The time by which things expire."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits, in seconds."""

    def now(self) -> float:
        """Return the time since the Unix epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so long."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        """See :meth:`Clock.now`."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """See :meth:`Clock.sleep`."""
        await asyncio.sleep(seconds)
