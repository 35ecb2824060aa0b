"""What an apply lays claim to: the fields of a configuration exactly as it was sent."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from protocube_server.kinds.ownership import elements, field_set, naming
from protocube_server.kinds.ownership.schemas import NodeKind

if TYPE_CHECKING:
    from protocube.steps import Steps
    from protocube_server.kinds.ownership.field_set import FieldSet
    from protocube_server.kinds.ownership.schemas import Schema

_TURN: Final = 256
"""Members of a map, or elements of a list, that are looked at in one go."""


def fields(schema: Schema, data: Any) -> Steps[FieldSet]:
    """Return the leaves of ``data``, and each element of a set or a keyed list.

    Null and an empty object are leaves; an empty list is none, unless it is owned whole.
    """
    yield
    if not data:
        return field_set.EMPTY
    if schema.kind in {NodeKind.SET, NodeKind.KEYED}:
        return (yield from _elements(schema, data))
    members: set[str] = set()
    children: dict[str, FieldSet] = {}
    for position, (name, value) in enumerate(data.items()):
        if position % _TURN == _TURN - 1:
            yield
        step = elements.member(name)
        is_leaf, child = yield from _node(schema.below(name), value)
        # An entry of a map is its own, beside what lies below it.
        if is_leaf or name not in schema.fields:
            members.add(step)
        if child:
            children[step] = child
    return field_set.of(members, children)


def _node(schema: Schema, value: Any) -> Steps[tuple[bool, FieldSet]]:
    """Return whether a value is a leaf, and what is below it."""
    is_struct = isinstance(value, dict)
    if schema.atomic or schema.kind is NodeKind.SCALAR or value is None or value == {}:
        return True, field_set.EMPTY
    if schema.kind is NodeKind.FREE and not is_struct:
        return True, field_set.EMPTY
    if not is_struct and not isinstance(value, list):
        return True, field_set.EMPTY
    return False, (yield from fields(schema, value))


def _elements(schema: Schema, listed: Any) -> Steps[FieldSet]:
    steps = yield from naming.steps(schema, listed)
    repeated = {step for step, count in Counter(steps).items() if count > 1}
    children: dict[str, FieldSet] = {}
    for position, (step, element) in enumerate(zip(steps, listed, strict=False)):
        if position % _TURN == _TURN - 1:
            yield
        if step not in repeated:
            _, child = yield from _node(schema.held, element)
            if child:
                children[step] = child
    return field_set.of(set(steps), children)
