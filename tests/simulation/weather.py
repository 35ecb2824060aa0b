"""What a run's seed does to the way between a server and its store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from tests.simulation import loop

if TYPE_CHECKING:
    import random


@dataclass(kw_only=True)
class Odds:
    """How likely each fault is at one call, and the longest delay, in seconds."""

    slow: float = 0.2
    fail: float = 0.02
    lose: float = 0.02
    longest: float = 1.0


class Rough:
    """Calls that are slow, that fail, and whose answer is lost after the write."""

    def __init__(self, chance: random.Random, odds: Odds) -> None:
        self._chance = chance
        self._odds = odds

    async def before(self, what: str) -> None:
        """Be slow, or fail before anything has happened."""
        await self._delay()
        if what != "watch" and self._chance.random() < self._odds.fail:
            raise errors.Unavailable("the store was not reached")

    async def after(self, what: str) -> None:
        """Be slow, or lose the answer."""
        await self._delay()
        if what == "write" and self._chance.random() < self._odds.lose:
            raise errors.OutcomeUnknown("the answer was lost")

    async def _delay(self) -> None:
        if self._chance.random() < self._odds.slow:
            await loop.wait(self._chance.random() * self._odds.longest)
        else:
            await asyncio.sleep(0)
