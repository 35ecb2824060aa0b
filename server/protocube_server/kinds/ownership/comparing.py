"""What lies between two forms of an object: the paths that were added, removed and modified.

Elements that only change places, in a set or a keyed list, make no difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube.manifests import json_text
from protocube_server.kinds.ownership import elements, field_set, naming
from protocube_server.kinds.ownership.field_set import EMPTY, FieldSet
from protocube_server.kinds.ownership.schemas import ABSENT, FREE, NodeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocube.steps import Steps
    from protocube_server.kinds.ownership.schemas import Schema

    Member = tuple[str, Schema | None, Any, Any]
    """What two forms have under one name: the name, its schema where it has one of its own, and
    both values."""

_TURN: Final = 512
"""Members of a map that are looked at in one go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How one form differs from another."""

    added: FieldSet = EMPTY
    removed: FieldSet = EMPTY
    modified: FieldSet = EMPTY

    def __bool__(self) -> bool:
        """Tell whether they differ."""
        return bool(self.added or self.removed or self.modified)

    def taken(self) -> Steps[FieldSet]:
        """Return what a write that changes this takes from others."""
        return (yield from field_set.union(self.modified, self.added))

    def left_of(self, fields: FieldSet) -> Steps[FieldSet]:
        """Return what an owner of ``fields`` has after a write of another one."""
        for part in (self.modified, self.added, self.removed):
            fields = yield from field_set.difference(fields, part)
        return fields

    def narrowed(self, scope: Callable[[FieldSet], FieldSet]) -> Comparison:
        """Return what lies within a scope."""
        return Comparison(
            added=scope(self.added), removed=scope(self.removed), modified=scope(self.modified)
        )


def compare(schema: Schema, old: Any, new: Any) -> Steps[Comparison]:
    """Return how the object ``new`` differs from ``old``."""
    found = _Found()
    yield from _below(schema, old, new, found)
    return found.comparison()


def is_same(schema: Schema, one: Any, other: Any) -> bool:
    """Tell whether two values are the same JSON."""
    if one != other:
        return False
    # Python takes 1 for true. Only where any JSON can lie can one stand in place of the other.
    return not schema.holds_free or json_text.compact(one) == json_text.compact(other)


def is_equal(schema: Schema, one: Any, other: Any) -> Steps[bool]:
    """Tell whether two forms say the same, the order of all lists included.

    What is always there makes no difference when one of them leaves it out empty.
    """
    if not schema.holds_free and one == other:
        return True
    if schema.kind is NodeKind.STRUCT and isinstance(one, dict) and isinstance(other, dict):
        yield
        return (yield from _are_equal(_fields(schema, one, other), schema))
    if schema.kind is NodeKind.MAP and isinstance(one, dict) and isinstance(other, dict):
        yield
        return (yield from _are_equal(_entries(one, other), schema))
    if schema.element is not None and isinstance(one, list) and isinstance(other, list):
        yield
        pairs = (("", None, *pair) for pair in zip(one, other, strict=False))
        return len(one) == len(other) and (yield from _are_equal(pairs, schema))
    return is_same(schema, one, other)


def _are_equal(members: Iterator[Member], parent: Schema) -> Steps[bool]:
    for _, below, one, other in members:
        if one is ABSENT or other is ABSENT:
            if one is not other:
                return False
        elif not (yield from is_equal(below or parent.held, one, other)):
            return False
    return True


class _Found:
    """The differences below one node, while they are being found."""

    __slots__ = ("added", "below", "modified", "removed")

    def __init__(self) -> None:
        self.added: set[str] = set()
        self.removed: set[str] = set()
        self.modified: set[str] = set()
        self.below: dict[str, Comparison] = {}

    def comparison(self) -> Comparison:
        below = self.below
        return Comparison(
            added=field_set.of(self.added, {k: v.added for k, v in below.items() if v.added}),
            removed=field_set.of(
                self.removed, {k: v.removed for k, v in below.items() if v.removed}
            ),
            modified=field_set.of(
                self.modified, {k: v.modified for k, v in below.items() if v.modified}
            ),
        )


def _node(schema: Schema, step: str, old: Any, new: Any, found: _Found) -> Steps[None]:
    """Compare what two forms have at ``step``; one of them has something there."""
    if not schema.holds_free and old == new:
        return
    schema = _deduced(schema, old, new)
    if schema.atomic or schema.kind is NodeKind.SCALAR or _are_empty(schema, old, new):
        if old is ABSENT:
            found.added.add(step)
        elif new is ABSENT:
            found.removed.add(step)
        elif not is_same(schema, old, new):
            found.modified.add(step)
            yield from _other_kind(schema, step, old, new, found)
        return
    inner = _Found()
    yield from _below(schema, old, new, inner)
    if comparison := inner.comparison():
        found.below[step] = comparison
    if old is ABSENT:
        found.added.add(step)
    elif new is ABSENT:
        found.removed.add(step)


def _other_kind(schema: Schema, step: str, old: Any, new: Any, found: _Found) -> Steps[None]:
    """Add what goes or comes below a node of any JSON that was a map or becomes one."""
    if schema is not _FREE_LEAF:
        return
    inner = _Found()
    before = old if isinstance(old, dict) else ABSENT
    after = new if isinstance(new, dict) else ABSENT
    yield from _below(_FREE_MAP, before, after, inner)
    if comparison := inner.comparison():
        found.below[step] = comparison


def _below(schema: Schema, old: Any, new: Any, found: _Found) -> Steps[None]:
    yield
    if schema.kind in {NodeKind.SET, NodeKind.KEYED}:
        yield from _elements(schema, old, new, found)
        return
    members = _fields(schema, old, new) if schema.kind is NodeKind.STRUCT else _entries(old, new)
    held = schema.held
    for position, (name, below, had, has) in enumerate(members):
        if position % _TURN == _TURN - 1:
            yield
        yield from _node(below or held, elements.member(name), had, has, found)


def _fields(schema: Schema, old: Any, new: Any) -> Iterator[Member]:
    """Yield the fields that either struct has.

    What is always there is there in each struct that is itself.
    """
    had = old if isinstance(old, dict) else None
    has = new if isinstance(new, dict) else None
    names = dict.fromkeys((*(had or ()), *(has or ())))
    if had is None or has is None:
        names.update(dict.fromkeys(schema.always))
    for name in names:
        field = schema.fields.get(name)
        if field is not None:
            before = ABSENT if had is None else had.get(name, field.empty)
            after = ABSENT if has is None else has.get(name, field.empty)
            yield name, field.schema, before, after


def _entries(old: Any, new: Any) -> Iterator[Member]:
    had = old if isinstance(old, dict) else {}
    has = new if isinstance(new, dict) else {}
    for name, value in had.items():
        yield name, None, value, has.get(name, ABSENT)
    for name, value in has.items():
        if name not in had:
            yield name, None, ABSENT, value


def _elements(schema: Schema, old: Any, new: Any, found: _Found) -> Steps[None]:
    held = schema.held
    had = yield from naming.grouped(schema, None if old is ABSENT else old)
    has = yield from naming.grouped(schema, None if new is ABSENT else new)
    for step in dict.fromkeys((*had, *has)):
        before, after = had.get(step, []), has.get(step, [])
        if len(before) <= 1 and len(after) <= 1:
            one = before[0] if before else ABSENT
            other = after[0] if after else ABSENT
            yield from _node(held, step, one, other, found)
        else:
            yield from _repeated(held, step, before, after, found)


def _repeated(
    held: Schema, step: str, before: list[Any], after: list[Any], found: _Found
) -> Steps[None]:
    """Compare elements that share their keys with others: all of them are one leaf."""
    if len(before) > 1 and len(after) > 1:
        if not is_same(held, before, after):
            found.modified.add(step)
    elif len(before) > 1:
        if after:
            yield from _node(held, step, ABSENT, after[0], found)
        found.removed.add(step)
    else:
        if before:
            yield from _node(held, step, before[0], ABSENT, found)
        found.added.add(step)


def _deduced(schema: Schema, old: Any, new: Any) -> Schema:
    """Return what a node is. Of any JSON the values tell: it is a map if both can be."""
    if schema.kind is not NodeKind.FREE or schema.atomic:
        return schema
    are_maps = all(
        value is ABSENT or value is None or isinstance(value, dict) for value in (old, new)
    )
    return _FREE_MAP if are_maps else _FREE_LEAF


def _are_empty(schema: Schema, old: Any, new: Any) -> bool:
    """Tell whether neither form has anything below the node."""
    if schema.always:
        return not isinstance(old, dict) and not isinstance(new, dict)
    return (old is ABSENT or not old) and (new is ABSENT or not new)


_FREE_MAP: Final = type(FREE)(NodeKind.MAP, element=FREE, holds_free=True)
_FREE_LEAF: Final = type(FREE)(NodeKind.SCALAR, holds_free=True)
