"""Walks through an object to the values that rules speak of, beside what they were before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from protocube.manifests import free_json
from protocube.steps import finished
from protocube_server.definitions.crd import correlating

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.definitions.crd.rule_tree import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value, as CEL takes it."""

    node: Node
    path: str
    new: Any
    old: Any | None
    """What it was before; ``None`` for one that is new, or cannot be found again."""
    above: Value | None = None
    """The nearest value above that could be found again, for one that cannot."""

    def is_same(self) -> bool:
        """Tell whether an update left the value, or what it is in, as it was."""
        if self.old is not None:
            return bool(self.new == self.old)
        return self.above is not None and self.above.is_same()


def walk(node: Node, new: Any, old: Any | None) -> Iterator[Value]:
    """Yield each value, those in it behind it."""
    waiting = [iter((Value(node=node, path="", new=new, old=old),))]
    while waiting:
        value = next(waiting[-1], None)
        if value is None:
            waiting.pop()
            continue
        yield value
        waiting.append(_below(value))


def _below(value: Value) -> Iterator[Value]:
    node = value.node
    above = value if value.old is not None else value.above
    for way in node.ways:
        new = _member(value.new, way.name, way.field, has_presence=way.has_presence)
        if new is None:
            continue
        old = _member(value.old, way.name, way.field, has_presence=way.has_presence)
        path = f"{value.path}.{way.name}" if value.path else way.name
        yield Value(node=way.node, path=path, new=new, old=old, above=above)
    if node.elements is not None and isinstance(value.new, list):
        by_key = _by_key(value)
        for index, item in enumerate(value.new):
            old = by_key.get(_key(item, node)) if by_key else None
            path = f"{value.path}[{index}]"
            yield Value(node=node.elements, path=path, new=item, old=old, above=above)
    if node.values is not None and isinstance(value.new, dict):
        before = value.old if isinstance(value.old, dict) else {}
        for key in sorted(value.new):
            path = f"{value.path}[{key}]"
            new, old = value.new[key], before.get(key)
            if new is not None:
                yield Value(node=node.values, path=path, new=new, old=old, above=above)


def _member(holder: Any, name: str, field: str, *, has_presence: bool) -> Any | None:
    """Return what is at a property; ``None`` where there is nothing."""
    if isinstance(holder, dict):
        return holder.get(name)
    if not isinstance(holder, Message):
        return None
    if has_presence and not holder.HasField(field):
        return None
    found = getattr(holder, field)
    if not has_presence and not found:
        return None
    return plain(found)


def plain(value: Any) -> Any:
    """Return a value of a message as CEL takes it: lists, maps and free JSON as data."""
    if isinstance(value, Message):
        is_free = value.DESCRIPTOR.full_name in _FREE
        return finished(free_json.read(value)) if is_free else value
    if hasattr(value, "items"):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "append"):
        return [plain(item) for item in value]
    return value


_FREE = ("google.protobuf.Value", "google.protobuf.Struct", "google.protobuf.ListValue")


def _by_key(value: Value) -> dict[Any, Any]:
    """Return the elements of the list before by their keys, where the list has keys."""
    if value.node.schema.list_type != "map" or not isinstance(value.old, list):
        return {}
    return correlating.elements(value.old, lambda item: _key(item, value.node))


def _key(item: Any, node: Node) -> Any:
    names = node.schema.list_map_keys
    if isinstance(item, dict):
        return correlating.key(item, names)
    fields = {field.name: field for field in item.DESCRIPTOR.fields}
    return tuple(repr(getattr(item, name)) if name in fields else None for name in names)
