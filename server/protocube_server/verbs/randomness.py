"""Random bytes from the operating system, asked for in pieces larger than one uid."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PIECE = 4096


class Randomness:
    """A supply of random bytes, each given once. For one thread.

    Asking the system lets other threads run, and with a busy one beside it a create
    would wait for its turn just to get a uid.
    """

    def __init__(self, source: Callable[[int], bytes]) -> None:
        self._source = source
        self._piece = b""
        self._used = 0

    def take(self, count: int) -> bytes:
        """Return ``count`` bytes, at most a piece."""
        if self._used + count > len(self._piece):
            self._piece, self._used = self._source(_PIECE), 0
        self._used += count
        return self._piece[self._used - count : self._used]
