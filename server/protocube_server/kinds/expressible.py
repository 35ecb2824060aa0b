"""Finds what no answer could carry: values without a JSON form, and nesting that parsers refuse.

protobuf takes times beyond the year 9999, numbers that are none, and values of no type. A printer
of JSON does not, so one such object would fail every ``get -o yaml`` of its kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor

from protocube import errors
from protocube_server.kinds.reaching import reaching

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

MOST_LEVELS = 96
"""Messages within each other. Stock parsers take 100; a watch has two around each object, and
as many are left for what may come around those."""
_MOST_FAULTS = 100
_LONGEST_PATH = 1024

_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
"""The years 1 and 9999, which is what JSON's form of a time can say."""
_MOST_SECONDS = 315_576_000_000
"""Of a duration: ten thousand years."""
_NANOS = 1_000_000_000

Check = Callable[[Any], str]
"""Says what is wrong with a value; nothing when it has a JSON form."""


def _time(value: Any) -> str:
    if _FIRST_SECOND <= value.seconds <= _LAST_SECOND and 0 <= value.nanos < _NANOS:
        return ""
    return (
        f"{value.seconds} s and {value.nanos} ns: must be a time of the years 1 to 9999, with 0 to "
        "999999999 ns"
    )


def _duration(value: Any) -> str:
    seconds, nanos = value.seconds, value.nanos
    if abs(seconds) <= _MOST_SECONDS and abs(nanos) < _NANOS and seconds * nanos >= 0:
        return ""
    return (
        f"{seconds} s and {nanos} ns: must be at most {_MOST_SECONDS} s, with less than a second "
        "in ns of the same sign"
    )


def _value(value: Any) -> str:
    if value.WhichOneof("kind") is None:
        return "null: must be null, a boolean, a number, a string, a list or an object"
    return ""


def _number(value: float) -> str:
    return "" if math.isfinite(value) else f"{value}: must be a finite number"


_MESSAGES: dict[str, Check] = {
    "google.protobuf.Timestamp": _time,
    "google.protobuf.Duration": _duration,
    "google.protobuf.Value": _value,
}
_UNNAMED = {
    "google.protobuf.ListValue.values",
    "google.protobuf.Struct.fields",
    "google.protobuf.Value.list_value",
    "google.protobuf.Value.number_value",
    "google.protobuf.Value.struct_value",
}
"""Fields that the JSON form of their message does not show."""
_FLOATS = (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT)


@dataclass(slots=True, kw_only=True)
class _Step:
    """What there is to do with one field of a message type, when it is set."""

    field: str
    name: str
    """In paths; nothing where the JSON form does not show the field."""
    has_presence: bool
    is_repeated: bool
    is_map: bool
    check: Check | None
    """Of a field whose values may have no JSON form, each by itself."""
    below: _Node | None
    """Of a field of messages that lead to others to be looked at."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Node:
    """The steps of one message type, in the order of the numbers of its fields."""

    steps: list[_Step]
    is_recursive: bool = False


class Expressible:
    """The fields of one message type, and of all below it, that can hold what JSON cannot say."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._nodes: dict[str, _Node] = {}
        self._root = self._compile(descriptor, ())
        self._prune()

    def faults(self, message: Message) -> list[errors.Violation]:
        """Return what no answer could carry of ``message``, at most a hundred violations."""
        found: list[errors.Violation] = []
        for violation in _walk(self._root, message, "", 0):
            found.append(violation)
            if len(found) == _MOST_FAULTS:
                break
        return found

    def _compile(self, descriptor: Descriptor, above: tuple[str, ...]) -> _Node:
        name = descriptor.full_name
        known = self._nodes.get(name)
        if known is not None:
            known.is_recursive |= name in above
            return known
        node = self._nodes[name] = _Node(steps=[])
        for field in sorted(descriptor.fields, key=lambda field: field.number):
            below: Any = field.message_type
            is_map = bool(below is not None and below.GetOptions().map_entry)
            held = below.fields_by_name["value"] if is_map else field
            message = held.message_type
            check: Check | None = _number if held.type in _FLOATS else None
            if message is not None:
                check = _MESSAGES.get(message.full_name)
            step = _Step(
                field=field.name,
                has_presence=field.has_presence,
                name="" if field.full_name in _UNNAMED else field.json_name,
                is_repeated=field.is_repeated and not is_map,
                is_map=is_map,
                check=check,
                below=None if message is None else self._compile(message, (*above, name)),
            )
            node.steps.append(step)
        return node

    def _prune(self) -> None:
        """Leave out what leads nowhere."""
        nodes = self._nodes.values()
        busy = reaching(
            nodes,
            works=lambda node: (
                node.is_recursive or any(step.check is not None for step in node.steps)
            ),
            below=lambda node: (step.below for step in node.steps if step.below is not None),
        )
        for node in nodes:
            for step in node.steps:
                if step.below is not None and id(step.below) not in busy:
                    step.below = None
            node.steps[:] = (
                step for step in node.steps if step.below is not None or step.check is not None
            )


def _walk(node: _Node, message: Message, prefix: str, level: int) -> Iterator[errors.Violation]:
    """Yield the faults below ``message``, which is ``level`` messages below the object."""
    # Not ListFields: few fields lead anywhere, and it makes something of each that is set.
    for step in node.steps:
        if step.has_presence and not message.HasField(step.field):
            continue
        value = getattr(message, step.field)
        path, here = f"{prefix}{step.name}" if step.name else prefix[:-1], level + 1
        items: Any = (("", value),)
        if (step.is_map or step.is_repeated) and not value:
            continue
        if step.is_map:
            items, here = ((f"[{key}]", value[key]) for key in value), level + 2
        elif step.is_repeated:
            items = ((f"[{index}]", item) for index, item in enumerate(value))
        for subscript, item in items:
            if here > MOST_LEVELS and step.below is not None:
                text = f"must not be nested more than {MOST_LEVELS} messages deep"
                yield _violation(path, f"{path[:64]}...: {text}")
                return
            if step.check is not None and (text := step.check(item)):
                yield _violation(f"{path}{subscript}", text)
            if step.below is not None:
                yield from _walk(step.below, item, f"{path}{subscript}.", here)


def _violation(path: str, text: str) -> errors.Violation:
    return errors.Violation(
        field=path[:_LONGEST_PATH], reason="FieldValueInvalid", message=f"Invalid value: {text}"
    )
