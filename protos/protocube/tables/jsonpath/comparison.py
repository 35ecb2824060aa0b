"""Comparing two values in a filter. Only values of one type can be compared."""

from __future__ import annotations

from typing import Any

_OPERATORS = frozenset({"<", ">", "==", "!=", "<=", ">="})


class ComparisonError(Exception):
    """The values cannot be compared."""


def holds(left: Any, operator: str, right: Any) -> bool:
    """Tell whether ``left operator right``. Raises :class:`ComparisonError`."""
    if operator not in _OPERATORS:
        raise ComparisonError(f"unrecognized filter operator {operator}")
    kind = _kind(left)
    if kind is not _kind(right):
        raise ComparisonError("incompatible types for comparison")
    if operator in ("==", "!="):
        return bool(left == right) == (operator == "==")
    if kind is bool:
        raise ComparisonError("invalid type for comparison")
    if operator in ("<", ">="):
        return bool(left < right) == (operator == "<")
    return bool(left <= right) == (operator == "<=")


def _kind(value: Any) -> type:
    # bool is a kind of int to Python only.
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind
    raise ComparisonError("invalid type for comparison")
