"""How long to wait for company before a flight leaves.

What travels together shares the cost of a call, and in etcd that of a transaction. Who
is alone never waits. Under load, a flight waits the longer the more the last one
carried, so that flights grow to what the load is worth; the time is not lost, because
the event loop works on those calls meanwhile.
"""

from __future__ import annotations

import asyncio

_ALONE = 4
"""A flight that carried no more than that is followed by the next one at once."""
_SECONDS_EACH = 0.0004
_LONGEST_SECONDS = 0.004


class Pace:
    """The pace of one kind of flights."""

    def __init__(self) -> None:
        self._carried = 0

    async def gather(self) -> None:
        """Wait for others to come aboard."""
        if self._carried <= _ALONE:
            # Callers that are ready in this same turn of the loop still come.
            await asyncio.sleep(0)
        else:
            await asyncio.sleep(min(self._carried * _SECONDS_EACH, _LONGEST_SECONDS))

    def left(self, carried: int) -> None:
        """Note how many a flight took with it."""
        self._carried = carried
