"""Work that is done once, in steps, by those who need it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator


class SharedSteps:
    """Pieces of work, one at a time: who needs one goes on with what is begun.

    Whoever is cancelled in between leaves the rest to the next one.
    """

    def __init__(self) -> None:
        self._done: set[Hashable] = set()
        self._begun: tuple[Hashable, Iterator[object]] | None = None

    def until(self, key: Hashable, work: Callable[[], Iterator[object]]) -> Iterator[None]:
        """Do ``work``, which is known by ``key``, unless it is done; yield between its steps.

        Raises what the work raises; it is begun anew when it is needed again.
        """
        while key not in self._done:
            if self._begun is None:
                self._begun = (key, work())
            begun, steps = self._begun
            try:
                next(steps)
            except StopIteration:
                self._done.add(begun)
                self._begun = None
            except BaseException:
                self._begun = None
                raise
            yield None
