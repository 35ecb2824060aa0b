"""Finds the fields of a message that its descriptor does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import unknown_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import FieldDescriptor
    from google.protobuf.message import Message


def paths(message: Message, raw: bytes) -> list[str]:
    """Return where ``raw`` carries unknown fields, as ``spec.containers[0].#99``.

    A field that is not known has a number and no name. ``message`` is what ``raw`` was
    parsed to, and is left without its unknown fields. Costs one size comparison when
    there is nothing to find.
    """
    size = message.ByteSize()
    message.DiscardUnknownFields()
    if message.ByteSize() == size:
        return []
    return list(_walk(type(message).FromString(raw), ""))


def _walk(message: Message, prefix: str) -> Iterator[str]:
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
