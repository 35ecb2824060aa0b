"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio

from tests.upkeep.conftest import PATIENCE


class VirtualClock:
    """The time of workers that sleep by it; see ``upkeep.expiry.clock``."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now
        self._sleeping: dict[asyncio.Future[None], float] = {}
        self._changed = asyncio.Event()

    def now(self) -> float:
        """Return the time, which only :meth:`advance` moves."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Return once the time has come, or at :meth:`wake`."""
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleeping[sleeper] = self._now + seconds
        self._changed.set()
        try:
            await sleeper
        finally:
            self._sleeping.pop(sleeper, None)

    async def advance(self, seconds: float, *, sleepers: int = 1) -> None:
        """Move the time, and let every worker take one turn whose sleep is over then.

        There are so many ``sleepers``. It returns when all of them sleep again.
        """
        await self._asleep(sleepers)
        self._now += seconds
        self._wake([item for item, due in self._sleeping.items() if due <= self._now])
        await self._asleep(sleepers)

    async def wake(self, *, sleepers: int = 1) -> None:
        """Let every worker take a turn at the same time of this clock."""
        await self._asleep(sleepers)
        self._wake([*self._sleeping])
        await self._asleep(sleepers)

    def _wake(self, sleepers: list[asyncio.Future[None]]) -> None:
        for sleeper in sleepers:
            del self._sleeping[sleeper]
            if not sleeper.done():
                sleeper.set_result(None)

    async def _asleep(self, sleepers: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self._sleeping) < sleepers:
                self._changed.clear()
                await self._changed.wait()
