"""Walks to the fields of a message that an option marks, and to no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protocube.api.v1 import field_pb2
from protocube_server.kinds.reaching import reaching

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.message import Message

Predicate = Callable[[field_pb2.Field], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A marked field that is set: its path in JSON names, its value and what holds it."""

    path: str
    parent: Any
    option: field_pb2.Field
    value: Any


@dataclass(slots=True)
class _Node:
    marked: list[tuple[FieldDescriptor, field_pb2.Field]] = field(default_factory=list)
    below: list[tuple[FieldDescriptor, _Node]] = field(default_factory=list)


class Marked:
    """The marked fields of one message type and of everything below it."""

    def __init__(self, descriptor: Descriptor, predicate: Predicate) -> None:
        self._nodes: dict[str, _Node] = {}
        self._root = self._compile(descriptor, predicate)
        self._prune()

    def walk(self, message: Message) -> Iterator[Found]:
        """Give the marked fields that are set in ``message``."""
        return self._walk(self._root, message, "")

    def options(self, name: str) -> set[str]:
        """Give the values that the option's text field ``name`` has on the marked fields."""
        nodes = self._nodes.values()
        return {getattr(option, name) for node in nodes for _, option in node.marked}

    def _compile(self, descriptor: Descriptor, predicate: Predicate) -> _Node:
        known = self._nodes.get(descriptor.full_name)
        if known is not None:
            return known
        node = self._nodes[descriptor.full_name] = _Node()
        for item in descriptor.fields:
            option = item.GetOptions().Extensions[field_pb2.field]
            if predicate(option):
                node.marked.append((item, option))
            message_type = item.message_type
            if message_type is not None and not message_type.GetOptions().map_entry:
                node.below.append((item, self._compile(message_type, predicate)))
        return node

    def _prune(self) -> None:
        busy = reaching(
            self._nodes.values(),
            works=lambda node: bool(node.marked),
            below=lambda node: (below for _, below in node.below),
        )
        for node in self._nodes.values():
            node.below = [(item, below) for item, below in node.below if id(below) in busy]

    def _walk(self, node: _Node, message: Message, prefix: str) -> Iterator[Found]:
        for item, option in node.marked:
            value = getattr(message, item.name)
            is_set = message.HasField(item.name) if item.has_presence else bool(value)
            if is_set:
                yield Found(
                    path=prefix + item.json_name, parent=message, option=option, value=value
                )
        for item, below in node.below:
            path = prefix + item.json_name
            if item.is_repeated:
                for index, child in enumerate(getattr(message, item.name)):
                    yield from self._walk(below, child, f"{path}[{index}].")
            elif message.HasField(item.name):
                yield from self._walk(below, getattr(message, item.name), f"{path}.")
