"""What calls of functions may cost one evaluation.

The library bounds the steps of its own loops. A call costs more than a step, and more the more it
is given, so those that one evaluation makes are counted by themselves: functions in Python, and
what :mod:`rewriting` has found to be able to cost much.
"""

from __future__ import annotations

from typing import Any, Final

MOST: Final = 20_000_000
"""In characters: to match so many takes some tenths of a second."""
CALL: Final = 10_000
"""What a call of a function in Python costs: a hundredth of a millisecond."""
ELEMENT: Final = 500
"""What an element of a list costs, likewise."""
_ROOM: Final = 500
TOO_MUCH: Final = "Iteration budget exceeded"
"""What an evaluation ends with, in the library's words."""

_spent = [0]


class TooMuch(ValueError):
    """An evaluation has called more than it may."""


def begin() -> None:
    """Count from the beginning, for one evaluation."""
    _spent[0] = 0


def spend(given: tuple[Any, ...]) -> None:
    """Count one call of a function with what it was given. Raises :class:`TooMuch`."""
    cost = CALL
    for value in given:
        if isinstance(value, str | bytes):
            cost += len(value)
        elif isinstance(value, list | dict):
            cost += len(value) * ELEMENT
    _count(cost)


def spend_on(size: int) -> None:
    """Count what is about to be read or made, in characters. Raises :class:`TooMuch`."""
    _count(size + _ROOM)


def size(value: Any) -> int:
    """Return how large a value is, in characters, with all that it is made of."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, list):
        return ELEMENT * len(value) + sum(map(size, value))
    if isinstance(value, dict):
        return ELEMENT * len(value) + sum(map(size, value)) + sum(map(size, value.values()))
    return 0


def _count(cost: int) -> None:
    _spent[0] += cost
    if _spent[0] > MOST:
        raise TooMuch(TOO_MUCH)
