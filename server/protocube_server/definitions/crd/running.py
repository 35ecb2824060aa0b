"""One object while it is held to a schema: what is wrong with it, and what waits for its turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from protocube.errors import Violation

TURN: Final = 64
"""Elements that are checked between two marks; longer lists wait for their turn."""
_MOST: Final = 101
"""Faults after which nothing more is looked for: more than are told."""


class _Same:
    """The type of :data:`SAME`."""


SAME: Final = _Same()
"""Stands for a value that an update leaves as it was: it is not checked."""


class Run:
    """One object that is being checked."""

    __slots__ = ("faults", "originals", "waiting")

    def __init__(self, originals: Mapping[int, Any] = MappingProxyType({})) -> None:
        self.originals = originals
        """What an object or list with :data:`SAME` in it was, by its identity."""
        self.faults: list[Violation] = []
        self.waiting: deque[tuple[Check, Iterator[tuple[str, Any]]]] = deque()
        """Long lists and maps that are still to be gone through."""

    def whole(self, value: Any) -> Any:
        """Return a value without :data:`SAME` in it."""
        return self.originals.get(id(value), value) if self.originals else value

    def finish(self) -> Iterator[None]:
        """Go through what waits, and yield where others may have their turn."""
        count = 0
        while self.waiting and len(self.faults) < _MOST:
            check, elements = self.waiting.popleft()
            for path, value in elements:
                check(value, path, self)
                count += 1
                if not count % TURN:
                    yield


Check = Callable[[Any, str, Run], None]
"""Looks at the value at a path, and adds what is wrong with it to the run."""
