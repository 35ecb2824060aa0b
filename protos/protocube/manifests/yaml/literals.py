"""Values in Go's own notation (``%#v``), for the few messages that show it."""

from __future__ import annotations

import math
from typing import Any

from protocube.errors import quote
from protocube.manifests import numbers
from protocube.manifests.yaml.raw_values import MOST_INTEGER, Key

_TYPES = ("nil", "string", "uint64", "int", "float64", "bool")
"""The order in which Go writes the keys of a map."""


def literal(value: Any) -> str:
    """Return ``value`` as Go prints an ``interface{}`` with ``%#v``."""
    match value:
        case None:
            return "interface {}(nil)"
        case Key():
            return literal(value.value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value) if value <= MOST_INTEGER else f"{value:#x}"
        case float():
            return number(value)
        case list():
            return "[]interface {}{" + ", ".join(literal(item) for item in value) + "}"
        case dict():
            items = (f"{literal(key)}:{literal(value[key])}" for key in sorted(value, key=_order))
            return "map[interface {}]interface {}{" + ", ".join(items) + "}"
    return quote(str(value))


def number(value: float) -> str:
    """Return a float as Go prints it, also one that is not finite: ``1e+06``, ``+Inf``."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return numbers.scientific(value)


def _order(key: Any) -> tuple[int, Any]:
    if not isinstance(key, Key):
        return _TYPES.index("string"), key
    if isinstance(key.value, float) and math.isnan(key.value):
        return _TYPES.index(key.type), -math.inf
    return _TYPES.index(key.type), key.value if key.value is not None else 0
