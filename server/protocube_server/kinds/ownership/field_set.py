"""Sets of paths to fields, and their form FieldsV1.

A set never changes; operations share what they leave as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube.manifests import json_text
from protocube_server.kinds.ownership import elements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube.steps import Steps

DEEPEST: Final = 256
"""Steps of a path. Objects do not nest so deep: protobuf's parsers stop at 100 messages."""
_TURN: Final = 256
"""Steps that are looked at in one go."""
_ITSELF: Final = '{".":{},'


@dataclass(frozen=True, slots=True)
class FieldSet:
    """Paths that begin at one node: those of one step, and longer ones by their first step."""

    members: frozenset[str]
    children: Mapping[str, FieldSet]
    """No set in it is empty."""

    def __bool__(self) -> bool:
        """Tell whether there is any path."""
        return bool(self.members or self.children)

    def __hash__(self) -> int:
        """Return the hash of the paths of one step."""
        return hash(self.members)


EMPTY: Final = FieldSet(frozenset(), {})


def of(members: frozenset[str] | set[str], children: Mapping[str, FieldSet]) -> FieldSet:
    """Return a set of these paths; :data:`EMPTY` for none."""
    return FieldSet(frozenset(members), children) if members or children else EMPTY


def union(one: FieldSet, other: FieldSet) -> Steps[FieldSet]:
    """Return the paths of either set."""
    if not other or one is other:
        return one
    if not one:
        return other
    yield
    children = dict(one.children)
    for step, child in other.children.items():
        known = children.get(step)
        children[step] = child if known is None else (yield from union(known, child))
    return FieldSet(one.members | other.members, children)


def difference(one: FieldSet, other: FieldSet) -> Steps[FieldSet]:
    """Return the paths of ``one`` that ``other`` has not."""
    if not one or not other:
        return one
    if one is other:
        return EMPTY
    yield
    children: dict[str, FieldSet] = {}
    for step, child in one.children.items():
        taken = other.children.get(step)
        left = child if taken is None else (yield from difference(child, taken))
        if left:
            children[step] = left
    return of(one.members - other.members, children)


def intersection(one: FieldSet, other: FieldSet) -> Steps[FieldSet]:
    """Return the paths of both sets."""
    if not one or not other:
        return EMPTY
    if one is other:
        return one
    yield
    children: dict[str, FieldSet] = {}
    for step in one.children.keys() & other.children.keys():
        shared = yield from intersection(one.children[step], other.children[step])
        if shared:
            children[step] = shared
    return of(one.members & other.members, children)


def within(found: FieldSet, step: str) -> FieldSet:
    """Return the paths of a set that begin with ``step``."""
    members = found.members & {step}
    child = found.children.get(step)
    return of(members, {} if child is None else {step: child})


def without(found: FieldSet, step: str) -> FieldSet:
    """Return the paths of a set that do not begin with ``step``."""
    if step not in found.members and step not in found.children:
        return found
    children = {key: child for key, child in found.children.items() if key != step}
    return of(found.members - {step}, children)


def size(found: FieldSet) -> int:
    """Return the number of paths."""
    return len(found.members) + sum(map(size, found.children.values()))


def paths(found: FieldSet, prefix: str = "") -> Iterator[str]:
    """Yield the paths as a person reads them: those of one step first, each group in order."""
    for step in sorted(found.members, key=elements.order):
        yield prefix + elements.shown(step)
    for step in sorted(found.children, key=elements.order):
        yield from paths(found.children[step], prefix + elements.shown(step))


def to_fields_v1(found: FieldSet) -> Steps[dict[str, Any]]:
    """Return a set as the JSON object that Kubernetes writes, its members in Kubernetes' order."""
    yield
    written: dict[str, Any] = {}
    ordered = yield from _ordered(found)
    for position, step in enumerate(ordered):
        if position % _TURN == _TURN - 1:
            yield
        child = found.children.get(step)
        below = {} if child is None else (yield from to_fields_v1(child))
        if child is not None and step in found.members:
            below = {elements.ITSELF: {}, **below}
        written[step] = below
    return written


def to_text(found: FieldSet) -> Steps[str]:
    """Return a set as FieldsV1 on one line."""
    pieces: list[str] = []
    yield from _write(found, pieces)
    return "".join(pieces)


def _write(found: FieldSet, pieces: list[str], opening: str = "{") -> Steps[None]:
    for position, step in enumerate((yield from _ordered(found))):
        if position % _TURN == _TURN - 1:
            yield
        pieces += (opening, json_text.compact(step), ":")
        opening = ","
        child = found.children.get(step)
        if child is None:
            pieces.append("{}")
        else:
            yield from _write(child, pieces, _ITSELF if step in found.members else "{")
    pieces.append("{}" if opening == "{" else "}")


def _ordered(found: FieldSet) -> Steps[list[str]]:
    """Return the first steps of all paths in order."""
    keys: dict[str, elements.Order] = {}
    for position, step in enumerate(found.members | found.children.keys()):
        if position % _TURN == _TURN - 1:
            yield
        keys[step] = elements.order(step)
    return sorted(keys, key=keys.__getitem__)


def from_fields_v1(value: Any) -> Steps[FieldSet]:
    """Return the set that a JSON object stands for; steps of an unknown kind are left out.

    Raises :class:`elements.Unreadable`.
    """
    found, _ = yield from _read(value, DEEPEST)
    return found


def _read(value: Any, depth: int) -> Steps[tuple[FieldSet, bool]]:
    """Return what is below a node, and whether the node itself belongs to the set."""
    if value is None:
        return EMPTY, True
    if not isinstance(value, dict):
        raise elements.Unreadable("fields are no JSON object")
    if not depth:
        raise elements.Unreadable(f"fields nest deeper than {DEEPEST}")
    yield
    members: set[str] = set()
    children: dict[str, FieldSet] = {}
    for position, (text, below) in enumerate(value.items()):
        if position % _TURN == _TURN - 1:
            yield
        step = None if text == elements.ITSELF else elements.canonical(text)
        if step is None:
            continue
        child, belongs = yield from _read(below, depth - 1)
        if belongs:
            members.add(step)
        if child:
            children[step] = child
    belongs = elements.ITSELF in value or not (members or children)
    return of(members, children), belongs
