"""``isSorted``, ``sum``, ``min``, ``max``, ``indexOf`` and ``lastIndexOf`` of lists.

Source: ``k8s.io/apiserver/pkg/cel/library/lists.go``. At run time a list has no type of elements:
the sum of an empty list is the whole number 0, whatever it is a list of. Functions whose type is
that of the elements are declared for each of these, and one of any type is run for all
(:mod:`~protocube_server.cel.rewriting`).
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from protocube_server.cel.functions.declared import free, member

if TYPE_CHECKING:
    from protocube_server.cel.functions.declared import Overload

_SUMMED: Final = ("int", "uint", "double", "duration")
_COMPARED: Final = (*_SUMMED, "bool", "timestamp", "string", "bytes")
_TIMES: Final = ("duration", "timestamp")
"""What functions can give only if they are declared to give it."""


def _is_sorted(values: list[Any]) -> bool:
    return all(a <= b for a, b in pairwise(values))


def _sum(values: list[Any]) -> Any:
    if values and isinstance(values[0], dt.timedelta):
        return sum(values, dt.timedelta())
    return sum(values)


def _min(values: list[Any]) -> Any:
    if not values:
        raise ValueError("min called on empty list")
    return min(values)


def _max(values: list[Any]) -> Any:
    if not values:
        raise ValueError("max called on empty list")
    return max(values)


def _is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal in CEL, where ``true`` is no number."""
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _index_of(values: list[Any], wanted: Any) -> int:
    found = (at for at, value in enumerate(values) if _is_same(value, wanted))
    return next(found, -1)


def _last_index_of(values: list[Any], wanted: Any) -> int:
    last = len(values) - 1
    found = (last - at for at, value in enumerate(reversed(values)) if _is_same(value, wanted))
    return next(found, -1)


_TYPED: Final = (
    *(member("sum", (f"list<{each}>",), each) for each in _SUMMED),
    *(member("min", (f"list<{each}>",), each) for each in _COMPARED),
    *(member("max", (f"list<{each}>",), each) for each in _COMPARED),
)
_RUN: Final = {"sum": _sum, "min": _min, "max": _max}


def _run_by(overload: Overload) -> str:
    name = overload.id.partition("_")[0]
    return f"@{name}.{overload.result}" if overload.result in _TIMES else f"@{name}"


RUN_BY: Final = {each.id: _run_by(each) for function in _TYPED for each in function.overloads}
"""The functions that are run for those that are declared, by their overloads."""
FUNCTIONS: Final = (
    *_TYPED,
    *(free(f"@{name}", ("list<dyn>",), "dyn", run) for name, run in _RUN.items()),
    *(
        free(f"@{name}.{type_}", ("list<dyn>",), type_, run)
        for name, run in _RUN.items()
        for type_ in _TIMES
    ),
    *(member("isSorted", (f"list<{each}>",), "bool", _is_sorted) for each in _COMPARED),
    member("indexOf", ("list<dyn>", "dyn"), "int", _index_of),
    member("lastIndexOf", ("list<dyn>", "dyn"), "int", _last_index_of),
)
