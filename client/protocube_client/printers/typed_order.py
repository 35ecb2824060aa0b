"""The JSON of an object that kubectl holds in a type of its own.

Its keys have the order of the type's fields, and those of maps are sorted. Our messages
declare their fields in that order, but for kind and apiVersion.
"""

from __future__ import annotations

from typing import Any

from protocube import descriptor_options

_FIRST = ("kind", "apiVersion")
# These have JSON forms that do not follow their fields.
_FOREIGN = "google.protobuf."
_METADATA = "protocube.meta.v1.ObjectMeta"


def of(manifest: dict[str, Any], descriptor: Any, *, timed: bool = True) -> dict[str, Any]:
    """Return ``manifest``, an object of the message ``descriptor``, as such a type writes it.

    With ``timed`` all metadata in it, such as a template's, have a time of creation, which
    is null where there is none: kubectl writes it so, and newer API servers leave it out.
    """
    kind = {key: manifest[key] for key in _FIRST if key in manifest}
    return kind | _ordered(manifest, descriptor, timed=timed)


def _ordered(value: dict[str, Any], descriptor: Any, *, timed: bool) -> dict[str, Any]:
    fields = sorted(descriptor.fields, key=lambda field: field.number)
    if timed and descriptor.full_name == _METADATA:
        value = {"creationTimestamp": None, **value}
    return {
        field.json_name: _field(value[field.json_name], field, timed=timed)
        for field in fields
        if field.json_name in value
    }


def _field(value: Any, field: Any, *, timed: bool) -> Any:
    inner = field.message_type
    if inner is None or inner.full_name.startswith(_FOREIGN):
        return sorted_keys(value)
    if (held := descriptor_options.map_values(field)) is not None:
        return {key: _field(value[key], held, timed=timed) for key in sorted(value or {})}
    if isinstance(value, list):
        return [_ordered(item, inner, timed=timed) for item in value]
    return value if value is None else _ordered(value, inner, timed=timed)


def sorted_keys(value: Any) -> Any:
    """Return JSON of any form with the keys of its objects sorted: it has lost their order."""
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    return [sorted_keys(item) for item in value] if isinstance(value, list) else value
