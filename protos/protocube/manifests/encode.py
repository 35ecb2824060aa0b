"""A message as the manifest it would be written as: Kubernetes' JSON, as Python data.

That is protobuf's own JSON form, but for one thing: protobuf writes 64-bit integers
as strings, Kubernetes as numbers.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

from protocube.manifests import json_text

if TYPE_CHECKING:
    from google.protobuf.message import Message

_LONG = frozenset(
    {
        FieldDescriptor.TYPE_INT64,
        FieldDescriptor.TYPE_UINT64,
        FieldDescriptor.TYPE_SINT64,
        FieldDescriptor.TYPE_FIXED64,
        FieldDescriptor.TYPE_SFIXED64,
    }
)
# Descriptors are Any below: the stubs know two kinds of them that do not mix.
# Google's own types have JSON forms that do not follow their fields.
_FOREIGN = "google.protobuf."


def data(message: Message) -> dict[str, Any]:
    """Return ``message`` as data for JSON or YAML, without the fields that are not set."""
    found: dict[str, Any] = json_format.MessageToDict(message)
    _mend(found, message.DESCRIPTOR)
    return found


def text(message: Message) -> str:
    """Return ``message`` as JSON on one line, keys sorted, in the bytes that Go writes."""
    return json_text.compact(data(message))


def _mend(data: dict[str, Any], descriptor: Any) -> None:
    """Turn the 64-bit integers below ``data`` back into numbers, in place."""
    for field in _fields_with_longs(descriptor):
        value = data.get(field.json_name)
        if value is None:
            continue
        entry = field.message_type
        if entry is not None and entry.GetOptions().map_entry:
            held = entry.fields_by_name["value"]
            data[field.json_name] = {key: _mended(item, held) for key, item in value.items()}
        elif isinstance(value, list):
            data[field.json_name] = [_mended(item, field) for item in value]
        else:
            data[field.json_name] = _mended(value, field)


def _mended(value: Any, field: Any) -> Any:
    if field.type in _LONG:
        return int(value)
    _mend(value, field.message_type)
    return value


@functools.cache
def _fields_with_longs(descriptor: Any) -> tuple[Any, ...]:
    return tuple(field for field in descriptor.fields if field.type in _LONG or _holds_longs(field))


def _holds_longs(field: Any) -> bool:
    return field.message_type is not None and _reaches_long(field.message_type)


@functools.cache
def _reaches_long(descriptor: Any) -> bool:
    """Tell whether a 64-bit integer can lie below a message of this type."""
    seen: set[str] = set()
    waiting = [descriptor]
    while waiting:
        current = waiting.pop()
        if current.full_name in seen or current.full_name.startswith(_FOREIGN):
            continue
        seen.add(current.full_name)
        for field in current.fields:
            if field.type in _LONG:
                return True
            if field.message_type is not None:
                waiting.append(field.message_type)
    return False
