"""The order of keys in kubectl's YAML: by numbers inside them, too (``a2`` before ``a10``).

The order is go-yaml's (``keyList.Less``). It is none for odd mixtures (``9``, ``11`` and
``1a`` go round in a circle), and kubectl itself prints those in varying order.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def ordered(keys: Iterable[str]) -> list[str]:
    """Return ``keys`` in the order they are printed in."""
    result = sorted(keys)
    # Between ASCII letters go-yaml's order is the ordinary one.
    if all(key.isascii() and key.isalpha() for key in result):
        return result
    return sorted(result, key=functools.cmp_to_key(_compare))


def _compare(left: str, right: str) -> int:
    for at, (one, other) in enumerate(zip(left, right, strict=False)):
        if one == other:
            continue
        return -1 if _comes_first(left, right, at) else 1
    return len(left) - len(right)


def _comes_first(left: str, right: str, at: int) -> bool:
    """Tell whether ``left`` comes first; the two differ first at ``at``."""
    one, other = left[at], right[at]
    if one.isalpha() and other.isalpha():
        return one < other
    if one.isalpha() or other.isalpha():
        return other.isalpha()
    start = 1 if "0" in (one, other) and _follows_digits(left[:at]) else 0
    left_end, left_number = _number(left, at, start)
    right_end, right_number = _number(right, at, start)
    if left_number != right_number:
        return left_number < right_number
    if left_end != right_end:
        return left_end < right_end
    return one < other


def _follows_digits(head: str) -> bool:
    """Tell whether the digits at the end of ``head`` are more than zeros."""
    digits = head[len(head.rstrip("0123456789")) :]
    return bool(digits.strip("0"))


def _number(text: str, at: int, start: int) -> tuple[int, int]:
    """Read digits from ``at`` on, as if ``start`` stood before them; give end and value."""
    number = start
    while at < len(text) and text[at].isdecimal():
        number = number * 10 + ord(text[at]) - ord("0")
        at += 1
    return at, number
