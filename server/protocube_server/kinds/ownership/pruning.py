"""What goes when a manager ceases to apply it, and what stays because another one has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube_server.kinds.ownership import elements, field_set, naming, sent
from protocube_server.kinds.ownership.schemas import NodeKind

if TYPE_CHECKING:
    from protocube.steps import Steps
    from protocube_server.kinds.ownership.field_set import FieldSet
    from protocube_server.kinds.ownership.schemas import Schema

_TURN: Final = 256
"""Members of a map that are looked at in one go."""


def removed(schema: Schema, data: Any, gone: FieldSet) -> Steps[Any]:
    """Return ``data`` without the paths ``gone``; what becomes empty by that is null."""
    yield
    if not gone or not data:
        return data
    if isinstance(data, dict):
        kept: dict[str, Any] = {}
        for position, (name, value) in enumerate(data.items()):
            if position % _TURN == _TURN - 1:
                yield
            step = elements.member(name)
            if step in gone.members:
                continue
            below = gone.children.get(step)
            if below is None:
                kept[name] = value
                continue
            # What becomes empty is still there: its owners keep it.
            kept[name] = (yield from removed(schema.below(name), value, below)) or None
        return kept
    if isinstance(data, list) and schema.kind in {NodeKind.SET, NodeKind.KEYED}:
        items: list[Any] = []
        for step, item in zip((yield from naming.steps(schema, data)), data, strict=True):
            if step in gone.members:
                continue
            below = gone.children.get(step)
            items.append(item if below is None else (yield from removed(schema.held, item, below)))
        return items
    return data


def with_named(schema: Schema, found: FieldSet) -> Steps[FieldSet]:
    """Return a set with those fields of structs as members that only lead to others.

    So ``spec.template.spec`` has ``spec`` and ``spec.template``; entries of maps and elements
    of lists are not added.
    """
    yield
    members = set(found.members)
    children: dict[str, FieldSet] = {}
    for step, child in found.children.items():
        name = step[2:] if step.startswith("f:") else ""
        if name in schema.fields:
            members.add(step)
        children[step] = yield from with_named(schema.below(name), child)
    return field_set.of(members, children)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """An object in one version, before anything of it is pruned."""

    schema: Schema
    data: Any
    paths: FieldSet
    """All that it has, also what only leads to others."""


def merged(schema: Schema, data: Any) -> Steps[Merged]:
    """Return an object with its paths, which are worth finding once."""
    return Merged(schema=schema, data=data, paths=(yield from _paths(schema, data)))


def _paths(schema: Schema, data: Any) -> Steps[FieldSet]:
    return (yield from with_named(schema, (yield from sent.fields(schema, data))))


def owned_back(whole: Merged, pruned: Any, owned: FieldSet) -> Steps[Any]:
    """Return ``pruned`` with what it lost of ``whole`` and ``owned`` names."""
    schema = whole.schema
    left = yield from _paths(schema, pruned)
    named = yield from with_named(schema, owned)
    kept = yield from field_set.union(left, named)
    gone = yield from field_set.difference(whole.paths, kept)
    return (yield from removed(schema, whole.data, gone))


def dangling_back(whole: Merged, pruned: Any, named: FieldSet) -> Steps[Any]:
    """Return ``pruned`` with what it lost of ``whole`` and ``named`` does not have."""
    left = yield from _paths(whole.schema, pruned)
    lost = yield from field_set.difference(whole.paths, left)
    gone = yield from field_set.intersection(lost, named)
    return (yield from removed(whole.schema, whole.data, gone))
