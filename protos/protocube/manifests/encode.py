"""A message as the manifest it would be written as: Kubernetes' JSON, as Python data.

That is protobuf's own JSON form, but for one thing: protobuf writes 64-bit integers
as strings, Kubernetes as numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import FieldDescriptor

from protocube import memo
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
    _mend(found, type(message))
    return found


def text(message: Message) -> str:
    """Return ``message`` as JSON on one line, keys sorted, in the bytes that Go writes."""
    return json_text.compact(data(message))


def _mend(data: dict[str, Any], message_class: type[Message]) -> None:
    """Turn the 64-bit integers below ``data`` back into numbers, in place."""
    for field in _fields_with_longs(message_class):
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
    _mend(value, message_factory.GetMessageClass(field.message_type))
    return value


@memo.by_message_type
def _fields_with_longs(descriptor: Any) -> tuple[Any, ...]:
    """Return the fields that are 64-bit integers, or below which one can lie."""
    return tuple(field for field in descriptor.fields if _leads_to_long(field))


def _leads_to_long(field: Any) -> bool:
    """Tell whether a field is a 64-bit integer, or one can lie below it."""
    seen: set[str] = set()
    waiting = [field]
    while waiting:
        current = waiting.pop()
        if current.type in _LONG:
            return True
        below = current.message_type
        if below is None or below.full_name in seen or below.full_name.startswith(_FOREIGN):
            continue
        seen.add(below.full_name)
        waiting.extend(below.fields)
    return False
