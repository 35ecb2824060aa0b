"""Where in an object two faults are: which of them Kubernetes would come to first.

It validates a message field by field, in the order of its types, which is that of the contract's
numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protocube_server.kinds import field_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

    from protocube import errors

Place = tuple[tuple[int, int], ...]
"""Numbers of fields, each with the index of an element, 0 where it is no list."""

_PART = re.compile(r"[^.\[]+(?:\[\d+\])?")
_STEP = re.compile(r"([A-Za-z0-9$_-]+)(?:\[(\d+)\])?\.?")


class Held:
    """Faults of one object in the order in which they are told."""

    def __init__(self, message_class: type[Message]) -> None:
        """Hold nothing yet of an object of this type."""
        self.faults: list[errors.Violation] = []
        self._message_class = message_class
        self._known: dict[str, Place] = {}

    def beyond(self, most: int) -> list[errors.Violation]:
        """Return all faults, and hold them no more, if there are more than ``most``; else none."""
        if len(self.faults) <= most:
            return []
        faults, self.faults = self.faults, []
        return faults

    def insert(self, fault: errors.Violation, *, below: str) -> None:
        """Add a fault that a rule on the message at ``below`` found.

        It stands before what Kubernetes comes to later in the same part of that message: in one
        field of it, or of a list in one element.
        """
        part = _PART.match(fault.field, len(below) + 1 if below else 0)
        prefix = fault.field[: part.end()] if part else fault.field
        depth = below.count(".") + 2 if below else 1
        for index, other in enumerate(self.faults):
            if other.field.startswith(prefix) and self._is_earlier(fault, other, depth):
                self.faults.insert(index, fault)
                return
        self.faults.append(fault)

    def _is_earlier(self, fault: errors.Violation, other: errors.Violation, depth: int) -> bool:
        one, another = self._place(fault.field), self._place(other.field)
        return one[:depth] == another[:depth] and one[depth:] < another[depth:][: len(one) - depth]

    def _place(self, path: str) -> Place:
        """Return a path as numbers of fields and indices, as far as its names are fields."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = tuple(_walk(self._message_class, path))
        return known


def _walk(message_class: type[Message], path: str) -> Iterator[tuple[int, int]]:
    holder: type[Message] | None = message_class
    for step in _STEP.finditer(path):
        name = field_names.by_json_name(holder).get(step[1]) if holder is not None else None
        if holder is None or name is None:
            return
        field = holder.DESCRIPTOR.fields_by_name[name]
        yield field.number, int(step[2] or 0)
        holder = field_names.held(field)
