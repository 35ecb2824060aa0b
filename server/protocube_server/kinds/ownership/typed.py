"""Whether a configuration has the form of its type, in the words of Kubernetes' typed patches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube.manifests import json_text
from protocube_server.kinds.ownership import elements, naming
from protocube_server.kinds.ownership.schemas import NodeKind, Takes

if TYPE_CHECKING:
    from protocube.steps import Steps
    from protocube_server.kinds.ownership.schemas import Schema

_TURN: Final = 256
"""Members of a map, or elements of a list, that are looked at in one go."""
_LONGEST = 120
"""Characters of a value that a message quotes."""


def fault(schema: Schema, data: Any, path: str = "") -> Steps[str]:
    """Return what is wrong with ``data``, the first fault in its order; empty for nothing."""
    if data is None or schema.kind is NodeKind.FREE:
        return ""
    if schema.kind is NodeKind.SCALAR:
        return _scalar(schema.takes, data, path)
    yield
    if schema.kind in {NodeKind.STRUCT, NodeKind.MAP}:
        return (yield from _object(schema, data, path))
    if not isinstance(data, list):
        return f"{path}: expected list, got {_shown(data)}"
    return (yield from _list(schema, data, path))


def _object(schema: Schema, data: Any, path: str) -> Steps[str]:
    if not isinstance(data, dict):
        return f"{path}: expected map, got {_shown(data)}"
    for position, (name, value) in enumerate(data.items()):
        if position % _TURN == _TURN - 1:
            yield
        here = f"{path}.{name}"
        if schema.kind is NodeKind.STRUCT and name not in schema.fields:
            return f"{here}: field not declared in schema"
        if found := (yield from fault(schema.below(name), value, here)):
            return found
    return ""


def _list(schema: Schema, data: list[Any], path: str) -> Steps[str]:
    if schema.kind is NodeKind.LIST:
        names = [f"i:{position}" for position in range(len(data))]
    else:
        names = yield from naming.steps(schema, data)
    seen: set[str] = set()
    for position, (name, element) in enumerate(zip(names, data, strict=True)):
        if position % _TURN == _TURN - 1:
            yield
        if name in seen:
            return f"{path}: duplicate entries for key {elements.shown(name)}"
        seen.add(name)
        here = path + elements.shown(name)
        if found := (yield from fault(schema.held, element, here)):
            return found
    return ""


def _scalar(takes: Takes, data: Any, path: str) -> str:
    is_bool = isinstance(data, bool)
    fits = {
        Takes.TEXT: isinstance(data, str),
        Takes.NUMBER: isinstance(data, int | float) and not is_bool,
        Takes.BOOL: is_bool,
        Takes.ANY: not isinstance(data, dict | list),
    }
    return "" if fits[takes] else f"{path}: expected {takes.value}, got {_shown(data)}"


def _shown(value: Any) -> str:
    text = json_text.compact(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
