"""Fills in the defaults that a message's field options name, and drops what says nothing.

The options of a message type are compiled once into a plan; an object is walked through for
the messages that have one.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from protocube import descriptor_options, errors, memo
from protocube.api.v1 import field_pb2
from protocube.manifests import decode, quantities
from protocube_server.kinds.named.functions import NONE, Functions
from protocube_server.kinds.named.place import Computed, Place
from protocube_server.kinds.walking import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

_INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: range(-(2**31), 2**31),
    FieldDescriptor.CPPTYPE_INT64: range(-(2**63), 2**63),
    FieldDescriptor.CPPTYPE_UINT32: range(2**32),
    FieldDescriptor.CPPTYPE_UINT64: range(2**64),
}

_LEAST = {field_pb2.TIME_SECONDS: 1_000_000_000, field_pb2.TIME_MICROSECONDS: 1_000}
"""The nanoseconds of the smallest part of a time that is stored, by its option."""
_LARGEST = 16 * 1024 * 1024
"""Bytes of an object with its defaults: a user's kind can have large ones for each list item."""
_ELEMENT = 128
"""Bytes that a message counts for beside what is in it."""
_LONGEST_NOTHING = 32
"""Bytes of empty messages in each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What to fill in in messages of one type."""

    scalars: list[tuple[str, bool, Any]] = field(default_factory=list)
    messages: list[tuple[str, Message | None]] = field(default_factory=list)
    shares: list[tuple[str, bool, Message]] = field(default_factory=list)
    """Fields of whatever type, and messages that hold nothing but the default of one."""
    functions: list[tuple[str, Computed]] = field(default_factory=list)
    blanks: list[str] = field(default_factory=list)
    """Messages that mean the same when they are empty and when they are not set."""

    quantities: list[str] = field(default_factory=list)
    quantity_lists: list[str] = field(default_factory=list)
    quantity_maps: list[tuple[str, int]] = field(default_factory=list)
    """Maps of quantities, and the smallest power of ten that their values keep."""
    times: list[tuple[str, int]] = field(default_factory=list)
    """Times, and how many nanoseconds the smallest part that is stored has."""
    dropped: list[str] = field(default_factory=list)
    """Fields that nothing is stored of."""
    size: int = 0
    """About how many bytes the constants can be."""

    def bytes_of_constants(self) -> int:
        """Return about how many bytes the constants of a message can be."""
        texts = (len(value) for _, _, value in self.scalars if isinstance(value, str))
        parts = (value.ByteSize() for _, value in self.messages if value is not None)
        return sum(texts) + sum(parts) + sum(share.ByteSize() for _, _, share in self.shares)

    def has_work(self) -> bool:
        """Tell whether there is anything to do."""
        return any(getattr(self, item.name) for item in dataclasses.fields(self))

    def drop(self, message: Any) -> None:
        """Clear what is not stored."""
        for name in self.dropped:
            message.ClearField(name)

    def set_constants(self, message: Any) -> None:
        """Set what has the same default in every message."""
        for name, has_presence, value in self.scalars:
            unset = not message.HasField(name) if has_presence else not getattr(message, name)
            if unset:
                setattr(message, name, value)
        for name, has_presence, share in self.shares:
            unset = not message.HasField(name) if has_presence else not getattr(message, name)
            if unset:
                message.MergeFrom(share)
        for name, value in self.messages:
            if not message.HasField(name):
                target = getattr(message, name)
                target.SetInParent()
                if value is not None:
                    target.CopyFrom(value)

    def settle_quantities(self, message: Any) -> None:
        """Write quantities as Kubernetes stores them."""
        for name in self.quantities:
            given = getattr(message, name)
            settled = quantities.canonical(given)
            if settled != given:
                setattr(message, name, settled)
        for name in self.quantity_lists:
            items = getattr(message, name)
            for index, given in enumerate(items):
                settled = quantities.canonical(given)
                if settled != given:
                    items[index] = settled
        for name, least in self.quantity_maps:
            entries = getattr(message, name)
            # An entry that is set anew may move: a walk over the map would miss others.
            for key, given in list(entries.items()):
                settled = quantities.canonical(given, least=least)
                if settled != given:
                    entries[key] = settled

    def settle_times(self, message: Any) -> None:
        """Drop the parts of a second that Kubernetes does not store."""
        for name, least in self.times:
            if not message.HasField(name):
                continue
            found = getattr(message, name)
            if found.nanos % least:
                found.nanos -= found.nanos % least

    def drop_blanks(self, message: Any) -> None:
        """Clear what says nothing, so that equal objects are equal bytes."""
        for name in self.blanks:
            if message.HasField(name) and _says_nothing(getattr(message, name)):
                message.ClearField(name)


class Defaults:
    """The defaults of one message type and of everything below it.

    Raises ``ValueError`` when an option names a default that does not fit its field
    or a computed default that does not exist.
    """

    def __init__(self, descriptor: Descriptor, functions: Functions = NONE) -> None:
        def plan(descriptor: Descriptor) -> _Plan | None:
            return _compiled(descriptor, functions)

        self._walk = Walk(descriptor, plan, leads=_gets_defaults)

    def filling(self, message: Message) -> Iterator[None]:
        """Fill in what ``message`` leaves out; yield where others may have their turn.

        Raises ``errors.TooLarge`` when that makes too much of it.
        """
        filled = visited = 0
        for visit in self._walk.visits(message):
            if visit is None:
                yield None
                continue
            plan, part = visit.work, visit.message
            plan.drop(part)
            plan.set_constants(part)
            visited += 1
            filled += plan.size + _ELEMENT
            if filled > _LARGEST:
                if message.ByteSize() + visited * _ELEMENT > _LARGEST:
                    text = f"Request entity too large: with its defaults, limit is {_LARGEST}"
                    raise errors.TooLarge(text)
                filled = 0
            for name, function in plan.functions:
                rest = function(Place(root=message, message=part, field=name))
                if rest is not None:
                    yield from rest
            plan.settle_quantities(part)
            plan.settle_times(part)
            plan.drop_blanks(part)

    def apply(self, message: Message) -> None:
        """Fill in what ``message`` leaves out, in one go."""
        for _ in self.filling(message):
            pass


def _gets_defaults(item: FieldDescriptor) -> bool:
    holder: Any = item.containing_type
    # Values of maps have defaults in JSON schemas alone.
    is_left_out = descriptor_options.is_map(item) and not descriptor_options.is_of_schema(holder)
    return not is_left_out and not descriptor_options.api_field(item).without_defaults


def _compiled(descriptor: Descriptor, functions: Functions) -> _Plan | None:
    plan = _Plan()
    for item in descriptor.fields:
        option = descriptor_options.api_field(item)
        if option.dropped:
            plan.dropped.append(item.name)
        if option.default:
            _add_constant(plan, item, option.default)
        if option.default_json:
            share = _share(item, option.default_json)
            plan.shares.append((item.name, item.has_presence, share))
        if option.computed_default:
            plan.functions.append((item.name, functions.default(option.computed_default, item)))
        elif _is_blank_when_empty(item):
            plan.blanks.append(item.name)
        if option.quantity and descriptor_options.is_map(item):
            least = quantities.THOUSANDTHS if option.resource_list else quantities.LEAST
            plan.quantity_maps.append((item.name, least))
        elif option.quantity:
            (plan.quantity_lists if item.is_repeated else plan.quantities).append(item.name)
        if option.time and not item.is_repeated:
            plan.times.append((item.name, _LEAST[option.time]))
    size = plan.bytes_of_constants()
    return dataclasses.replace(plan, size=size) if plan.has_work() else None


def _is_blank_when_empty(item: FieldDescriptor) -> bool:
    """Tell whether an empty message in a field means the same as none.

    Where none reads ``null`` it does not: in what is a pointer in Go, in free JSON and in times.
    """
    option = descriptor_options.api_field(item)
    held = item.message_type
    if held is None or item.is_repeated or held.full_name.startswith("google.protobuf."):
        return False
    return bool(option.always_present) and not option.nullable and not option.default


def _says_nothing(message: Any) -> bool:
    """Tell whether a message has nothing but messages that say nothing."""
    if message.ByteSize() > _LONGEST_NOTHING:
        return False
    blanks = _blanks(type(message))
    return all(item.name in blanks and _says_nothing(value) for item, value in message.ListFields())


@memo.by_message_type
def _blanks(descriptor: Descriptor) -> frozenset[str]:
    """Return the names of the fields in which an empty message means the same as none."""
    return frozenset(item.name for item in descriptor.fields if _is_blank_when_empty(item))


def _add_constant(plan: _Plan, item: FieldDescriptor, text: str) -> None:
    try:
        if item.message_type is not None:
            plan.messages.append((item.name, _message(item, text)))
        else:
            plan.scalars.append((item.name, item.has_presence, _scalar(item, text)))
    except ValueError as error:
        raise ValueError(f"{item.full_name}: default {text!r} does not fit: {error}") from error


def _share(item: FieldDescriptor, text: str) -> Message:
    """Return a message that has nothing but the default of a field, which is written as JSON."""
    from google.protobuf import message_factory

    holder: Any = item.containing_type
    share = message_factory.GetMessageClass(holder)()
    try:
        report = decode.decode({item.json_name: json.loads(text)}, share)
    except ValueError as error:
        raise ValueError(f"{item.full_name}: default {text} does not fit: {error}") from error
    wrong = [*report.unknown, *(fault.message for fault in report.faults)]
    wrong += [f"{fault.field}: {fault.message}" for fault in report.violations]
    if wrong:
        raise ValueError(f"{item.full_name}: default {text} does not fit: {wrong[0]}")
    return share


def _scalar(item: FieldDescriptor, text: str) -> Any:
    if item.cpp_type in _INTEGERS:
        return _integer(item, int(text))
    if item.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        if text not in ("true", "false"):
            raise ValueError("a bool is true or false")
        return text == "true"
    if item.cpp_type in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        return float(text)
    if item.type == FieldDescriptor.TYPE_STRING:
        return text
    raise ValueError("only numbers, bools, strings and messages have defaults")


def _integer(item: FieldDescriptor, value: int) -> int:
    values = _INTEGERS[item.cpp_type]
    if value not in values:
        raise ValueError(f"it is not between {values.start} and {values.stop - 1}")
    return value


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
