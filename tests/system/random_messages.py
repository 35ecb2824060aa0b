"""Randomly filled messages of any descriptor, for hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import strategies

from protocube import descriptor_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

_DEPTH = 6
# What YAML carries; control characters are escaped by printers and have tests there.
_TEXT = strategies.text(strategies.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)
_QUANTITIES = strategies.from_regex(
    r"\A-?[0-9]{1,6}(\.[0-9]{1,3})?([numkMGTPE]|[KMGTPE]i|e[0-9])?\Z"
)
"""Text that is no quantity is refused by the decoder."""
_SCALARS = {
    FieldDescriptor.TYPE_BOOL: strategies.booleans(),
    FieldDescriptor.TYPE_INT32: strategies.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT64: strategies.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_DOUBLE: strategies.floats(allow_nan=False, allow_infinity=False),
    FieldDescriptor.TYPE_STRING: _TEXT,
    FieldDescriptor.TYPE_BYTES: strategies.binary(max_size=8),
}


def fill(descriptor: Descriptor, draw: Callable[[Any], Any], depth: int = _DEPTH) -> Message:
    """Return a message of ``descriptor`` with some of its fields filled, at most ``depth`` deep."""
    message: Any = message_factory.GetMessageClass(descriptor)()
    if descriptor.full_name.startswith("google.protobuf."):
        _foreign(message, draw)
        return message  # type: ignore[no-any-return]  # its class is of a pool
    chosen = draw(strategies.sets(strategies.sampled_from(list(descriptor.fields)), max_size=5))
    taken: set[str] = set()
    for field in sorted(chosen, key=lambda field: field.number):
        oneof = field.containing_oneof
        if oneof is not None and len(oneof.fields) > 1:
            if oneof.name in taken:
                continue
            taken.add(oneof.name)
        _set(message, field, draw, depth)
    return message  # type: ignore[no-any-return]  # as above


def _set(message: Any, field: FieldDescriptor, draw: Callable[[Any], Any], depth: int) -> None:
    below = field.message_type
    if below is None:
        value = _scalar(field, field)
        if field.is_repeated:
            getattr(message, field.name).extend(draw(strategies.lists(value, max_size=2)))
        else:
            setattr(message, field.name, draw(value))
    elif below.GetOptions().map_entry:
        _set_map(getattr(message, field.name), field, draw, depth)
    elif depth == 0:
        return
    elif field.is_repeated:
        for _ in range(draw(strategies.integers(0, 2))):
            getattr(message, field.name).add().CopyFrom(fill(below, draw, depth - 1))
    else:
        getattr(message, field.name).CopyFrom(fill(below, draw, depth - 1))
        getattr(message, field.name).SetInParent()


def _scalar(field: FieldDescriptor, value: FieldDescriptor) -> Any:
    """Return what a field, or the ``value`` of a map's entries, can be."""
    is_quantity = descriptor_options.api_field(field).quantity
    return _QUANTITIES if is_quantity else _SCALARS[value.type]


def _set_map(target: Any, field: Any, draw: Callable[[Any], Any], depth: int) -> None:
    value = field.message_type.fields_by_name["value"]
    for key in draw(strategies.lists(_TEXT, max_size=2, unique=True)):
        if value.message_type is None:
            target[key] = draw(_scalar(field, value))
        elif depth:
            target[key].CopyFrom(fill(value.message_type, draw, depth - 1))


def _foreign(message: Any, draw: Callable[[Any], Any]) -> None:
    """Fill one of Google's own types, whose JSON form is its own."""
    match message.DESCRIPTOR.name:
        case "Timestamp":
            message.seconds = draw(strategies.integers(0, 4_000_000_000))
        case "Duration":
            message.seconds = draw(strategies.integers(-1_000_000, 1_000_000))
        case "Struct":
            for key in draw(strategies.lists(_TEXT, max_size=2, unique=True)):
                message.fields[key].string_value = draw(_TEXT)
        case "ListValue":
            for text in draw(strategies.lists(_TEXT, max_size=2)):
                message.values.add().string_value = text
        case "Value":
            if draw(strategies.booleans()):
                message.string_value = draw(_TEXT)
            else:
                message.number_value = draw(_SCALARS[FieldDescriptor.TYPE_INT32])
        case other:
            raise AssertionError(f"no strategy for google.protobuf.{other}")
