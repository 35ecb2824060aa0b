"""Walks to the fields of a message that an option marks, and to no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.api.v1 import field_pb2
from protocube_server.kinds.reaching import reaching

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

    from protocube_server.kinds.contract import Contract

Predicate = Callable[[field_pb2.Field], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A marked field that is set: its path in JSON names, its value and what holds it."""

    path: str
    parent: Any
    option: field_pb2.Field
    value: Any
    contract: Contract
    """The rules of the contract, for parts of the value that it does not hold itself to."""


@dataclass(slots=True, kw_only=True)
class _Step:
    """What there is to do with one field of a message type, when it is set."""

    json_name: str
    is_repeated: bool
    option: field_pb2.Field | None
    """Of a marked field."""
    below: _Node | None
    """Of a field that leads to marked ones."""


_Node = dict[int, _Step]
"""The steps of one message type, by the numbers of its fields."""


class Marked:
    """The marked fields of one message type and of everything below it."""

    def __init__(self, descriptor: Descriptor, predicate: Predicate, contract: Contract) -> None:
        self._contract = contract
        self._nodes: dict[str, _Node] = {}
        self._root = self._compile(descriptor, predicate)
        self._prune()

    def walk(self, message: Message) -> list[Found]:
        """Return the marked fields that are set in ``message``, in the order of their numbers.

        It costs what is set, not what could be: a Pod could have some hundred.
        """
        found: list[Found] = []
        _walk(self._root, message, "", self._contract, found)
        return found

    def options(self, name: str) -> set[str]:
        """Return the values that the option's text field ``name`` has on the marked fields."""
        steps = (step for node in self._nodes.values() for step in node.values())
        return {getattr(step.option, name) for step in steps if step.option is not None}

    def _compile(self, descriptor: Descriptor, predicate: Predicate) -> _Node:
        known = self._nodes.get(descriptor.full_name)
        if known is not None:
            return known
        node = self._nodes[descriptor.full_name] = {}
        for item in descriptor.fields:
            option = item.GetOptions().Extensions[field_pb2.field]
            below = item.message_type
            if below is not None and below.GetOptions().map_entry:
                below = None
            node[item.number] = _Step(
                json_name=item.json_name,
                is_repeated=item.is_repeated,
                option=option if predicate(option) else None,
                below=None if below is None else self._compile(below, predicate),
            )
        return node

    def _prune(self) -> None:
        nodes = self._nodes.values()
        busy = reaching(
            nodes,
            works=lambda node: any(step.option is not None for step in node.values()),
            below=lambda node: (step.below for step in node.values() if step.below is not None),
        )
        for node in nodes:
            for number, step in list(node.items()):
                if step.below is not None and id(step.below) not in busy:
                    step.below = None
                if step.below is None and step.option is None:
                    del node[number]


def _walk(
    node: _Node, message: Message, prefix: str, contract: Contract, found: list[Found]
) -> None:
    for field, value in message.ListFields():
        step = node.get(field.number)
        if step is None:
            continue
        path = prefix + step.json_name
        if step.option is not None:
            found.append(
                Found(path=path, parent=message, option=step.option, value=value, contract=contract)
            )
        below = step.below
        if below is None:
            continue
        if step.is_repeated:
            for index, child in enumerate(value):
                _walk(below, child, f"{path}[{index}].", contract, found)
        else:
            _walk(below, value, f"{path}.", contract, found)
