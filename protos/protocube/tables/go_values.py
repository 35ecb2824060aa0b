"""JSON data as Go prints it: ``%v`` for people, ``%#v`` for programmers."""

from __future__ import annotations

from typing import Any

from protocube.errors import quote
from protocube.manifests import numbers

_TYPES = (
    (bool, "bool"),
    (int, "int64"),
    (float, "float64"),
    (str, "string"),
    (list, "[]interface {}"),
    (dict, "map[string]interface {}"),
)


def type_name(value: Any) -> str:
    """Return the name of the Go type that holds ``value`` (``%T``)."""
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "interface {}")


def text(value: Any) -> str:
    """Return ``value`` as ``%v`` shows it: ``map[a:1 b:[x y]]``."""
    match value:
        case None:
            return "<nil>"
        case dict():
            return f"map[{' '.join(f'{key}:{text(value[key])}' for key in sorted(value))}]"
        case list():
            return f"[{' '.join(map(text, value))}]"
    return _scalar(value)


def literal(value: Any) -> str:
    """Return ``value`` as ``%#v`` shows it: ``map[string]interface {}{"a":1}``."""
    match value:
        case None:
            return "interface {}(nil)"
        case dict():
            items = (f"{quote(key)}:{literal(value[key])}" for key in sorted(value))
            return f"{type_name(value)}{{{', '.join(items)}}}"
        case list():
            return f"{type_name(value)}{{{', '.join(map(literal, value))}}}"
        case str():
            return quote(value)
    return _scalar(value)


def as_floats(value: Any) -> Any:
    """Return ``value`` as Go reads JSON into no type in particular: all numbers are floats."""
    match value:
        case bool():
            return value
        case int():
            return float(value)
        case dict():
            return {key: as_floats(item) for key, item in value.items()}
        case list():
            return [as_floats(item) for item in value]
    return value


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return numbers.scientific(value) if isinstance(value, float) else str(value)
