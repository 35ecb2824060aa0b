"""What was written at which revision, oldest first, in bounded memory."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 50_000
"""Writes that are remembered, some 200 bytes each."""


class Write(NamedTuple):
    """One write of one key."""

    revision: int
    key: bytes


class Written:
    """The oldest writes that are known, up to ``most``.

    A key that was written twice is in it twice. Of more writes than there is room for, the newest
    are left out, and when the others are used up everything has to be read again.
    """

    def __init__(self, most: int = MOST) -> None:
        self.newest = 0
        """The revision of the newest write, remembered or not; 0 without any."""
        self._most = most
        self._writes: deque[Write] = deque()
        self._read: list[tuple[int, bytes]] = []
        """A heap of what was read, by the negative revision: the newest comes out first."""
        self._is_short = False

    def __len__(self) -> int:
        return len(self._writes)

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left of what was remembered, and there was more."""
        return self._is_short and not self._writes

    def read(self, revision: int, key: bytes) -> None:
        """Take in what is stored, in any order. :meth:`arrange` comes before anything else."""
        self.newest = max(self.newest, revision)
        item = (-revision, key)
        if len(self._read) < self._most:
            heapq.heappush(self._read, item)
        else:
            heapq.heappushpop(self._read, item)
            self._is_short = True

    def arrange(self) -> bool:
        """Put one more of what was read in its place; tell whether there are others."""
        if self._read:
            negative, key = heapq.heappop(self._read)
            self._writes.appendleft(Write(-negative, key))
        return bool(self._read)

    def add(self, revision: int, key: bytes) -> None:
        """Take in a write that is newer than all others."""
        self.newest = revision
        if self._is_short or len(self._writes) >= self._most:
            self._is_short = True
        else:
            self._writes.append(Write(revision, key))

    def take(self, revision: int, most: int) -> Sequence[Write]:
        """Take out up to ``most`` writes that are not newer than ``revision``, oldest first."""
        taken: list[Write] = []
        while len(taken) < most and self._writes and self._writes[0].revision <= revision:
            taken.append(self._writes.popleft())
        return taken

    def put_back(self, writes: Sequence[Write]) -> None:
        """Take in again what was taken out, and is older than the rest."""
        self._writes.extendleft(reversed(writes))
