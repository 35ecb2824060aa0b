"""The nodes that need an attempt: each once, and not two attempts of one at the same time."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.upkeep.collector.graph import Node

_FIRST_SECONDS = 0.05
"""After an attempt that failed; then twice as long, and so on."""
_LONGEST_SECONDS = 60.0


class Attempts:
    """A queue no longer than the graph is large."""

    def __init__(self) -> None:
        self._ready: deque[Node] = deque()
        self._queued: set[Node] = set()
        self._running: set[Node] = set()
        self._again: set[Node] = set()
        """Those that were added while an attempt was running."""
        self._failures: dict[Node, int] = {}
        self._delayed: dict[Node, asyncio.TimerHandle] = {}
        self._added = asyncio.Semaphore(0)

    def add(self, node: Node) -> None:
        """Let there be an attempt of a node after this."""
        if (timer := self._delayed.pop(node, None)) is not None:
            timer.cancel()
        if node in self._running:
            self._again.add(node)
        elif node not in self._queued:
            self._queued.add(node)
            self._ready.append(node)
            self._added.release()

    async def take(self) -> Node:
        """Return the next node. Its attempt is running until :meth:`done` or :meth:`failed`."""
        await self._added.acquire()
        node = self._ready.popleft()
        self._queued.discard(node)
        self._running.add(node)
        return node

    def done(self, node: Node) -> None:
        """Say that an attempt has done what there was to do."""
        self._failures.pop(node, None)
        self._end(node)

    def failed(self, node: Node) -> float:
        """Say that an attempt has to be made again; return in how many seconds it will be."""
        failures = self._failures[node] = self._failures.get(node, 0) + 1
        seconds = min(_FIRST_SECONDS * 2.0 ** min(failures - 1, 16), _LONGEST_SECONDS)
        if not self._end(node):
            loop = asyncio.get_running_loop()
            self._delayed[node] = loop.call_later(seconds, self.add, node)
        return seconds

    def close(self) -> None:
        """Forget what was to be tried again later."""
        for timer in self._delayed.values():
            timer.cancel()
        self._delayed.clear()

    def _end(self, node: Node) -> bool:
        """End an attempt; tell whether another one was asked for meanwhile."""
        self._running.discard(node)
        if node not in self._again:
            return False
        self._again.discard(node)
        self.add(node)
        return True
