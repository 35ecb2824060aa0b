"""Whole JSON values: copied, compared and measured, however deep they nest.

Each function is a generator of steps that returns its result. None of them recurses: operations
of a patch can move values below each other until they nest deeper than Python's stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube.manifests import json_text

if TYPE_CHECKING:
    from protocube.steps import Steps


_TOGETHER: Final = 64
"""Values that are looked at between two steps."""


def copied(value: Any, most: int) -> Steps[tuple[Any, int]]:
    """Return a copy of a value and its size as JSON.

    The copy ends early, and is not whole, when the size is above ``most``.
    """
    box: list[Any] = [value]
    size = 0
    waiting: list[Any] = [box]
    while waiting and size <= most:
        current = waiting.pop()
        size += 2
        for count, (key, item) in enumerate(_members(current)):
            if isinstance(key, str):
                size += len(key) + 4
            size += 1
            if isinstance(item, dict | list):
                current[key] = copy = item.copy()
                waiting.append(copy)
            else:
                size += _length(item)
            if size > most:
                break
            if count % _TOGETHER == 0:
                yield
    return box[0], size


def equal(one: Any, other: Any) -> Steps[bool]:
    """Tell whether two values are the same JSON: ``1`` and ``true`` are not."""
    waiting = [(one, other)]
    count = 0
    while waiting:
        left, right = waiting.pop()
        count += 1
        if count % _TOGETHER == 0:
            yield
        if isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            waiting += [(item, right[key]) for key, item in left.items()]
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            waiting += zip(left, right, strict=True)
        elif isinstance(left, bool) != isinstance(right, bool) or left != right:
            return False
    return True


def _members(container: Any) -> list[tuple[Any, Any]]:
    return list(container.items() if isinstance(container, dict) else enumerate(container))


def _length(scalar: Any) -> int:
    return len(scalar) + 2 if isinstance(scalar, str) else len(json_text.compact(scalar))
