"""Words that a mistyped one may have meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_FARTHEST = 2
_MOST = 3
_LONG = 4
"""From so many letters on a word may differ in two."""


def near(word: str, known: Iterable[str]) -> list[str]:
    """Return the ``known`` words that begin with ``word`` or differ from it in two letters."""
    folded = word.lower()
    return [
        name
        for name in known
        if name.startswith(folded) or _distance(folded, name.lower()) <= _FARTHEST
    ]


def closest(word: str, known: Iterable[str]) -> list[str]:
    """Return the ``known`` words that a reader would take ``word`` for, those that are nearest."""
    folded = word.lower()
    found = {name: _distance(folded, name.lower()) for name in known}
    least = min(found.values(), default=0)
    if least > (_FARTHEST if len(word) >= _LONG else 1):
        return []
    return [name for name, distance in found.items() if distance == least][:_MOST]


def _distance(left: str, right: str) -> int:
    """Count the letters to insert, delete or replace (Levenshtein)."""
    row = list(range(len(right) + 1))
    for position, letter in enumerate(left, 1):
        previous, row[0] = row[0], position
        for index, other in enumerate(right, 1):
            cost = previous if letter == other else previous + 1
            previous, row[index] = row[index], min(row[index] + 1, row[index - 1] + 1, cost)
    return row[-1]
