"""What of a stored value its message does not say: bytes that no read gives back in their field.

protobuf keeps what it does not know and says nothing. So after a field has got another type, or
was taken out of the schema, the object reads as if the field had never been set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import unknown_fields
from google.protobuf.message import DecodeError

from protocube_server.kinds import kept, splice
from protocube_server.kinds.unknown import is_wide_integer, messages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import FieldDescriptor
    from google.protobuf.message import Message

_WIRE_TYPES = ("a number", "eight bytes", "text or a message", "a group", "a group", "four bytes")


def decoded(message_class: type[Message], value: bytes) -> Message | None:
    """Return a stored value as a message, ``None`` when it is none that a read could answer."""
    try:
        splice.with_version(value, 1)
        return message_class.FromString(kept.message(value))
    except (DecodeError, ValueError):
        return None


def faults(message: Message) -> list[str]:
    """Say what in a stored message has no place in it, by field; nothing of a sound one."""
    return list(_walk(message, ""))


def _walk(message: Message, prefix: str) -> Iterator[str]:
    known: Any = message.DESCRIPTOR.fields_by_number
    found: Any = unknown_fields.UnknownFieldSet(message)  # iterable, which its stub forgets
    for number, wire_type in {item.field_number: item.wire_type for item in found}.items():
        field = known.get(number)
        if is_wide_integer(message, number):
            continue
        if field is None:
            yield f"has an unknown field {prefix}#{number}"
        else:
            path = f"{prefix}{field.json_name}"
            yield f"has {_WIRE_TYPES[wire_type]} in {path}, which is of another type"
    for field, value in message.ListFields():
        path = f"{prefix}{field.json_name}"
        if field.enum_type is not None:
            yield from _unknown_values(field, value, path)
        if field.message_type is not None:
            for below, item in messages(field, value):
                yield from _walk(item, f"{path}{below}.")


def _unknown_values(field: FieldDescriptor, value: Any, path: str) -> Iterator[str]:
    values: Any = field.enum_type and field.enum_type.values_by_number
    for number in value if field.is_repeated else (value,):
        if number not in values:
            yield f"has an unknown value {number} in {path}"
