"""Values in Go's own notation (``%#v``), for the few messages that show it."""

from __future__ import annotations

from typing import Any

from protocube.errors import quote
from protocube.manifests import numbers


def literal(value: Any) -> str:
    """Return ``value`` as Go prints an ``interface{}`` with ``%#v``."""
    match value:
        case None:
            return "interface {}(nil)"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return numbers.text(value)
        case list():
            return "[]interface {}{" + ", ".join(literal(item) for item in value) + "}"
        case dict():
            items = (f"{literal(key)}:{literal(value[key])}" for key in sorted(value))
            return "map[interface {}]interface {}{" + ", ".join(items) + "}"
    return quote(str(value))
