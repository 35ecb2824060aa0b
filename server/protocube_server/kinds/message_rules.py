"""Rules on whole messages that only the server knows: those that CEL cannot say shortly.

The option ``computed_rules`` of a message type names them. Each costs no more than the
message is large, while CEL compares every element of a list with every other one, and its
evaluators give up after some thousand steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.api.v1 import field_pb2
from protocube.vendor.buf.validate import validate_pb2
from protocube_server.kinds import options
from protocube_server.kinds.reaching import reaching

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.message import Message

    from protocube_server.kinds.named.message_rule import Fault, MessageRule

_ONE, _LIST, _MAP = "one", "list", "map"


@dataclass(slots=True, kw_only=True)
class _Step:
    """A field that leads to a type with rules."""

    name: str
    json_name: str
    form: str
    """One of the three above."""
    below: _Node


@dataclass(slots=True, kw_only=True)
class _Node:
    """One message type: its rules, and its fields that lead to types with rules."""

    rules: tuple[MessageRule, ...]
    steps: tuple[_Step, ...]


class MessageRules:
    """The rules of one message type and of everything below it."""

    def __init__(self, descriptor: Descriptor, by_name: Mapping[str, MessageRule]) -> None:
        """Raises ``ValueError`` when an option names a rule that is not in ``by_name``."""
        self._by_name = by_name
        self._nodes: dict[str, _Node] = {}
        self._root = self._compile(descriptor)
        self._prune()

    def walk(self, message: Message) -> Iterator[tuple[str, Fault]]:
        """Yield each fault with the path of JSON names that it belongs to."""
        if not self._root.rules and not self._root.steps:
            return
        held: list[tuple[str, Any, MessageRule]] = []
        _collect(self._root, message, "", held)
        for path, part, rule in held:
            for fault in rule(part):
                yield ".".join(filter(None, (path, fault.at))), fault

    def _compile(self, descriptor: Descriptor) -> _Node:
        known = self._nodes.get(descriptor.full_name)
        if known is not None:
            return known
        node = self._nodes[descriptor.full_name] = _Node(
            rules=tuple(self._rules(descriptor)), steps=()
        )
        node.steps = tuple(self._steps(descriptor))
        return node

    def _rules(self, descriptor: Descriptor) -> Iterator[MessageRule]:
        for name in descriptor.GetOptions().Extensions[field_pb2.computed_rules]:
            where = descriptor.full_name
            yield options.named(self._by_name, name, what="rule of messages", where=where)

    def _steps(self, descriptor: Descriptor) -> Iterator[_Step]:
        for field in descriptor.fields:
            form, below = _below(field)
            if below is not None and not _is_ignored(field):
                yield _Step(
                    name=field.name,
                    json_name=field.json_name,
                    form=form,
                    below=self._compile(below),
                )

    def _prune(self) -> None:
        nodes = self._nodes.values()
        busy = reaching(
            nodes,
            works=lambda node: bool(node.rules),
            below=lambda node: (step.below for step in node.steps),
        )
        for node in nodes:
            node.steps = tuple(step for step in node.steps if id(step.below) in busy)


def _below(field: FieldDescriptor) -> tuple[str, Descriptor | None]:
    below: Descriptor | None = field.message_type
    if below is not None and below.GetOptions().map_entry:
        return _MAP, below.fields_by_name["value"].message_type
    return _LIST if field.is_repeated else _ONE, below


def _is_ignored(field: FieldDescriptor) -> bool:
    """Tell whether protovalidate asks nothing of what the field holds; neither is it asked here."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    return bool(rules.ignore == validate_pb2.IGNORE_ALWAYS)


def _collect(
    node: _Node, message: Message, prefix: str, held: list[tuple[str, Any, MessageRule]]
) -> None:
    """Find the messages that have rules. Few fields lead to one, so those are looked into."""
    if node.rules:
        held.extend([(prefix[:-1], message, rule) for rule in node.rules])
    for step in node.steps:
        name = step.name
        if step.form is _ONE:
            if message.HasField(name):
                _collect(step.below, getattr(message, name), f"{prefix}{step.json_name}.", held)
        elif step.form is _LIST:
            for index, item in enumerate(getattr(message, name)):
                _collect(step.below, item, f"{prefix}{step.json_name}[{index}].", held)
        else:
            for key, item in sorted(getattr(message, name).items()):
                _collect(step.below, item, f"{prefix}{step.json_name}[{key}].", held)
