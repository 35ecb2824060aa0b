"""What an open stream was begun on, and whether that still holds: a name, a right."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube import errors

Check = Callable[[], "errors.ApiError | None"]
"""Returns why something holds no more, ``None`` while it does."""


class Standing:
    """All that one stream rests on. Whoever lets it in adds what it has looked at."""

    __slots__ = ("_checks",)

    def __init__(self) -> None:
        self._checks: list[tuple[Hashable, Check]] = []

    def rest_on(self, check: Check, *, same: Hashable = None) -> None:
        """Let the stream go on only as long as ``check`` finds nothing.

        All checks with the same ``same`` find the same at a time.
        """
        self._checks.append((same, check))

    def fault(self, known: dict[Hashable, errors.ApiError | None]) -> errors.ApiError | None:
        """Return why the stream may not go on, ``None`` while it may.

        ``known`` has what was found for other streams just now, and gets what is found here.
        """
        for same, check in self._checks:
            if same is None:
                fault = check()
            elif same in known:
                fault = known[same]
            else:
                fault = known[same] = check()
            if fault is not None:
                return fault
        return None
