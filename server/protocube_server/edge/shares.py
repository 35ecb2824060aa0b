"""How many calls are in flight, and whether one more is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.flows import Flow


class Shares:
    """The calls in flight of all flows. At the limit, only a flow below its share is let in.

    So no flow keeps another one out, and there are at most twice as many calls as the limit.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._counts: dict[Flow, int] = {}
        self.total = 0
        """Calls in flight."""

    def enter(self, flow: Flow) -> bool:
        """Let a call in and return true, or refuse it. :meth:`leave` must follow when it is in."""
        count = self._counts.get(flow, 0)
        if self.total >= self._limit and count >= self._share(is_new=not count):
            return False
        self._counts[flow] = count + 1
        self.total += 1
        return True

    def leave(self, flow: Flow) -> None:
        """Note that a call is over."""
        self.total -= 1
        count = self._counts.pop(flow)
        if count > 1:
            self._counts[flow] = count - 1

    def _share(self, *, is_new: bool) -> int:
        return self._limit // (len(self._counts) + is_new)
