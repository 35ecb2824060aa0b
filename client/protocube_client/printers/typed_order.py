"""The order of keys in the JSON of an object that kubectl holds in a type of its own.

That is the order of the type's fields, with the keys of maps sorted. Our messages
declare their fields in that order, but for kind and apiVersion.
"""

from __future__ import annotations

from typing import Any

_FIRST = ("kind", "apiVersion")
# These have JSON forms that do not follow their fields.
_FOREIGN = "google.protobuf."


def of(manifest: dict[str, Any], descriptor: Any) -> dict[str, Any]:
    """Return ``manifest``, an object of the message ``descriptor``, with its keys in order."""
    kind = {key: manifest[key] for key in _FIRST if key in manifest}
    return kind | _ordered(manifest, descriptor)


def _ordered(value: dict[str, Any], descriptor: Any) -> dict[str, Any]:
    fields = sorted(descriptor.fields, key=lambda field: field.number)
    return {
        field.json_name: _field(value[field.json_name], field)
        for field in fields
        if field.json_name in value
    }


def _field(value: Any, field: Any) -> Any:
    inner = field.message_type
    if inner is None or inner.full_name.startswith(_FOREIGN):
        return value
    if inner.GetOptions().map_entry:
        held = inner.fields_by_name["value"]
        return {key: _field(value[key], held) for key in sorted(value or {})}
    if isinstance(value, list):
        return [_ordered(item, inner) for item in value]
    return value if value is None else _ordered(value, inner)
