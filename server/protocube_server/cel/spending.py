"""What functions in Python may cost one evaluation.

The library bounds the steps of its own loops. A function in Python costs more than a step, and
more the more it is given, so those that one evaluation calls are counted by themselves.
"""

from __future__ import annotations

from typing import Any, Final

MOST: Final = 2000
"""A call costs about a hundredth of a millisecond, and that is 1."""
_ELEMENTS: Final = 20
"""So many elements of a list cost as much as a call."""
_CHARACTERS: Final = 10_000
"""So many characters, likewise."""

_spent = [0]


class TooMuch(ValueError):
    """An evaluation has called more than it may."""


def begin() -> None:
    """Count from the beginning, for one evaluation."""
    _spent[0] = 0


def spend(given: tuple[Any, ...]) -> None:
    """Count one call of a function with what it was given. Raises :class:`TooMuch`."""
    cost = 1
    for value in given:
        if isinstance(value, str):
            cost += len(value) // _CHARACTERS
        elif isinstance(value, list | dict):
            cost += len(value) // _ELEMENTS
    _spent[0] += cost
    if _spent[0] > MOST:
        raise TooMuch("Iteration budget exceeded")
