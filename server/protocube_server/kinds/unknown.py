"""Finds the fields of a message that its descriptor does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import unknown_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import FieldDescriptor
    from google.protobuf.message import Message


MOST: Final = 5000
"""So many are named."""
_MOST_BYTES: Final = 32 * 1024
"""Beyond that, the fields are not looked at one by one: there may be one in two bytes."""
_TURN: Final = 100
"""Messages that are looked at between two marks."""


def discard(message: Message) -> int:
    """Leave ``message`` without its unknown fields; return how many bytes they had."""
    size = message.ByteSize()
    message.DiscardUnknownFields()
    return size - message.ByteSize()


def too_many(size: int) -> str:
    """Say that unknown fields of so many bytes are not named; empty for those that can be."""
    if size <= _MOST_BYTES:
        return ""
    return f"unknown fields of {size} bytes, they are named up to {_MOST_BYTES}"


def paths(message: Message) -> Iterator[str | None]:
    """Yield where ``message`` has unknown fields, as ``spec.containers[0].#99``.

    A field that is not known has a number and no name. There are :data:`MOST` of them and one
    more at most, and a ``None`` now and then, where others may have their turn.
    """
    found = seen = 0
    for path in _walk(message, ""):
        if path is None:
            seen += 1
            if seen % _TURN == 0:
                yield None
            continue
        yield path
        found += 1
        if found > MOST:
            return


def _walk(message: Message, prefix: str) -> Iterator[str | None]:
    """Yield the unknown fields below ``message``, and ``None`` once for each message."""
    yield None
    unknown: Any = unknown_fields.UnknownFieldSet(message)  # iterable, which its stub forgets
    for number in dict.fromkeys(item.field_number for item in unknown):
        yield f"{prefix}#{number}"
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        path = f"{prefix}{field.json_name}"
        for below, item in messages(field, value):
            yield from _walk(item, f"{path}{below}.")


def messages(field: FieldDescriptor, value: Any) -> Iterator[tuple[str, Message]]:
    """Yield the messages that are the value of a field, and the subscript of each."""
    if not field.is_repeated:
        yield "", value
        return
    entry = field.message_type
    if entry is None or not entry.GetOptions().map_entry:
        for index, item in enumerate(value):
            yield f"[{index}]", item
    elif entry.fields_by_name["value"].message_type is not None:
        for key in value:
            yield f"[{key}]", value[key]
