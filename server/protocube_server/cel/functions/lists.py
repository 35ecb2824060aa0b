"""``isSorted``, ``sum``, ``min`` and ``max`` of lists.

Kubernetes has ``indexOf`` and ``lastIndexOf`` of lists, too. The library has functions of these
names for texts, and takes no others; nor does it take durations, of which Kubernetes has a sum.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from protocube_server.cel.functions.declared import member

_LIST: Final = ("list<dyn>",)


def _is_sorted(values: list[Any]) -> bool:
    return all(a <= b for a, b in pairwise(values))


def _min(values: list[Any]) -> Any:
    if not values:
        raise ValueError("min called on empty list")
    return min(values)


def _max(values: list[Any]) -> Any:
    if not values:
        raise ValueError("max called on empty list")
    return max(values)


FUNCTIONS: Final = (
    member("isSorted", _LIST, "bool", _is_sorted),
    member("sum", _LIST, "dyn", sum),
    member("min", _LIST, "dyn", _min),
    member("max", _LIST, "dyn", _max),
)
