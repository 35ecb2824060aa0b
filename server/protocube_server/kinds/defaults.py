"""Fills in the defaults that a message's field options name.

The options of a message type are compiled once into a plan that holds only the
fields with something to do below them; applying it walks those and no others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from protocube.api.v1 import field_pb2
from protocube_server import turns
from protocube_server.kinds import parts
from protocube_server.kinds.named.functions import NONE, Functions
from protocube_server.kinds.named.place import Computed, Place
from protocube_server.kinds.reaching import reaching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

_INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT32,
    FieldDescriptor.CPPTYPE_UINT64,
}


@dataclass(slots=True)
class _Plan:
    """What to do with one message type. Filled after creation: types can be recursive."""

    scalars: list[tuple[str, bool, Any]] = field(default_factory=list)
    messages: list[tuple[str, Message | None]] = field(default_factory=list)
    functions: list[tuple[str, Computed]] = field(default_factory=list)
    single: list[tuple[str, _Plan]] = field(default_factory=list)
    many: list[tuple[str, _Plan]] = field(default_factory=list)

    def apply(self, message: Any, root: Any) -> None:
        self._constants(message)
        for name, function in self.functions:
            function(Place(root=root, message=message, field=name))
        for name, plan in self.single:
            if message.HasField(name):
                plan.apply(getattr(message, name), root)
        for name, plan in self.many:
            for item in getattr(message, name):
                plan.apply(item, root)

    def steps(self, message: Any, root: Any) -> Iterator[None]:
        """Do as :meth:`apply`, and yield after each element of a list."""
        self._constants(message)
        for name, function in self.functions:
            function(Place(root=root, message=message, field=name))
        for name, plan in self.single:
            if message.HasField(name):
                yield from plan.steps(getattr(message, name), root)
        for name, plan in self.many:
            for item in getattr(message, name):
                yield from plan.steps(item, root)
                yield None

    def _constants(self, message: Any) -> None:
        for name, has_presence, value in self.scalars:
            unset = not message.HasField(name) if has_presence else not getattr(message, name)
            if unset:
                setattr(message, name, value)
        for name, value in self.messages:
            if not message.HasField(name):
                target = getattr(message, name)
                target.SetInParent()
                if value is not None:
                    target.CopyFrom(value)


class Defaults:
    """The defaults of one message type and of everything below it.

    Raises ``ValueError`` when an option names a default that does not fit its field
    or a computed default that does not exist.
    """

    def __init__(self, descriptor: Descriptor, functions: Functions = NONE) -> None:
        self._functions = functions
        self._plans: dict[str, _Plan] = {}
        self._plan = self._compile(descriptor)
        self._prune()

    def apply(self, message: Message) -> None:
        """Fill in what ``message`` leaves out."""
        self._plan.apply(message, message)

    async def apply_in_turns(self, message: Message) -> None:
        """As :meth:`apply`, and others have their turns between the parts of a large message."""
        if parts.is_small(message):
            self.apply(message)
        else:
            await turns.taken(self._plan.steps(message, message))

    def applied(self, message: Message) -> Any:
        """Return a copy of ``message`` that has what it leaves out."""
        copy = type(message)()
        copy.CopyFrom(message)
        self.apply(copy)
        return copy

    def _compile(self, descriptor: Descriptor) -> _Plan:
        known = self._plans.get(descriptor.full_name)
        if known is not None:
            return known
        plan = self._plans[descriptor.full_name] = _Plan()
        for item in descriptor.fields:
            option = item.GetOptions().Extensions[field_pb2.field]
            if option.default:
                self._constant(plan, item, option.default)
            if option.computed_default:
                plan.functions.append(
                    (item.name, self._functions.default(option.computed_default, item))
                )
            if item.message_type is None or item.message_type.GetOptions().map_entry:
                continue
            if item.message_type.full_name.startswith("google.protobuf."):
                continue
            below = plan.many if item.is_repeated else plan.single
            below.append((item.name, self._compile(item.message_type)))
        return plan

    @staticmethod
    def _constant(plan: _Plan, item: FieldDescriptor, text: str) -> None:
        try:
            if item.message_type is not None:
                plan.messages.append((item.name, _message(item, text)))
            else:
                plan.scalars.append((item.name, item.has_presence, _scalar(item, text)))
        except ValueError as error:
            raise ValueError(f"{item.full_name}: default {text!r} does not fit: {error}") from error

    def _prune(self) -> None:
        """Drop the branches below which there is nothing to do."""
        busy = reaching(
            self._plans.values(),
            works=lambda plan: bool(plan.scalars or plan.messages or plan.functions),
            below=lambda plan: (below for _, below in (*plan.single, *plan.many)),
        )
        for plan in self._plans.values():
            plan.single = [(name, below) for name, below in plan.single if id(below) in busy]
            plan.many = [(name, below) for name, below in plan.many if id(below) in busy]


def _scalar(item: FieldDescriptor, text: str) -> Any:
    if item.cpp_type in _INTEGERS:
        return int(text)
    if item.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        if text not in ("true", "false"):
            raise ValueError("a bool is true or false")
        return text == "true"
    if item.cpp_type in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        return float(text)
    if item.type == FieldDescriptor.TYPE_STRING:
        return text
    raise ValueError("only numbers, bools, strings and messages have defaults")


def _message(item: FieldDescriptor, text: str) -> Message | None:
    """Parse a message's default; ``None`` for an empty one."""
    from google.protobuf import message_factory

    if item.message_type is None or item.is_repeated:
        raise ValueError("a repeated field has no default")
    if text == "{}":
        return None
    value = message_factory.GetMessageClass(item.message_type)()
    try:
        # int-or-string: `25%` and `80` stand without quotes, as in a scalar.
        wrapped = text if text[0] in '{["' or text.lstrip("-").isdigit() else json.dumps(text)
        json_format.Parse(wrapped, value)
    except json_format.ParseError as error:
        raise ValueError(str(error)) from error
    return value
