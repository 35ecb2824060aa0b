"""Requests and answers as JSON for people, with everything masked that is secret."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import json_format, message_factory
from google.protobuf.message import DecodeError

from protocube import descriptor_options
from protocube.manifests import json_text
from protocube_client.cli import last_applied

if TYPE_CHECKING:
    from protocube.catalog import Catalog

MASK: Final = "***"
_KIND: Final = "protocube.core.v1.Secret"
_VALUES: Final = frozenset({"data", "string_data"})
_TOKENS: Final = frozenset({"token"})
"""Fields that hold what proves who calls, of whatever message."""
_TEXTS: Final = frozenset({"json_patch", "merge_patch", "strategic_merge_patch", "manifest"})
"""Fields of requests that hold an object, or parts of one, as a text."""
_ANY: Final = "google.protobuf.Any"
_FOREIGN: Final = "google.protobuf."
"""Messages whose JSON does not follow their fields; but for Any, none of them holds objects."""


def text(method: str, body: bytes, catalog: Catalog, *, answer: bool) -> str:
    """Return the request of a method, or its ``answer``, as compact JSON.

    What cannot be read as such is told by its length.
    """
    service, _, name = method.removeprefix("/").partition("/")
    try:
        found = catalog.pool.FindServiceByName(service).methods_by_name[name]
        kind = found.output_type if answer else found.input_type
        message = message_factory.GetMessageClass(kind).FromString(body)
    except (KeyError, DecodeError):
        return f"{len(body)} bytes"
    return json_text.compact(_Showing(catalog).shown(message), order=list)


@dataclass(frozen=True, slots=True, kw_only=False)
class _Showing:
    catalog: Catalog

    def shown(self, message: Any) -> Any:
        """Return a message as JSON data. An object within it, or packed, is masked as well."""
        name = message.DESCRIPTOR.full_name
        if name == _ANY:
            return self._unpacked(message)
        if name.startswith(_FOREIGN):
            return json_format.MessageToDict(message)
        found = {
            field.json_name: self._field(message, field, value)
            for field, value in message.ListFields()
        }
        if name == _KIND:
            annotations = found.get("metadata", {}).get("annotations", {})
            # It has the values as they were applied.
            if last_applied.ANNOTATION in annotations:
                annotations[last_applied.ANNOTATION] = MASK
        return found

    def _unpacked(self, packed: Any) -> Any:
        name = packed.TypeName()
        try:
            descriptor = self.catalog.pool.FindMessageTypeByName(name)
            message = message_factory.GetMessageClass(descriptor).FromString(packed.value)
        except (KeyError, DecodeError):
            return {"@type": name, "value": f"{len(packed.value)} bytes"}
        return {"@type": name, **self.shown(message)}

    def _field(self, message: Any, field: Any, value: Any) -> Any:
        if (held := descriptor_options.map_values(field)) is not None:
            is_masked = message.DESCRIPTOR.full_name == _KIND and field.name in _VALUES
            return {
                str(key): MASK if is_masked else self._value(value[key], held)
                for key in sorted(value)
            }
        if field.name in _TOKENS or (field.name in _TEXTS and _may_tell(message)):
            return MASK
        if field.is_repeated:
            return [self._value(item, field) for item in value]
        return self._value(value, field)

    def _value(self, value: Any, field: Any) -> Any:
        if field.message_type is not None:
            return self.shown(value)
        if field.enum_type is not None:
            known = field.enum_type.values_by_number.get(value)
            return known.name if known else value
        return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _may_tell(request: Any) -> bool:
    """Tell whether the texts of a request can be of a Secret.

    A request whose kind cannot be told is taken for one.
    """
    typed = request.DESCRIPTOR.fields_by_name.get("object")
    return typed is None or typed.message_type is None or typed.message_type.full_name == _KIND
