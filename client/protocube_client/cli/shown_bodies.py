"""Requests and answers as JSON for people, with everything masked that is secret."""

from __future__ import annotations

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
_SERVICE: Final = "protocube.core.v1.Secrets"
_VALUES: Final = ("data", "stringData")
_TOKENS: Final = frozenset({"token"})
"""Fields that hold what proves who calls, of whatever message."""
_TEXTS: Final = frozenset({"json_patch", "merge_patch", "strategic_merge_patch", "manifest"})
"""Fields of requests that hold an object, or parts of one, as a text."""
_FOREIGN: Final = "google.protobuf."
"""Messages whose JSON does not follow their fields; none of these holds a secret by itself."""


def text(method: str, body: bytes, catalog: Catalog, *, answer: bool) -> str:
    """Return the request of a method, or its ``answer``, as compact JSON.

    What cannot be read as such is told by its length.
    """
    service, _, name = method.removeprefix("/").partition("/")
    try:
        found = catalog.pool.FindServiceByName(service).methods_by_name[name]
        kind = found.output_type if answer else found.input_type
        message = message_factory.GetMessageClass(kind).FromString(body)
        # Any can hold a message of a type that is not known here.
        data = json_format.MessageToDict(message)
    except (KeyError, DecodeError, TypeError):
        return f"{len(body)} bytes"
    _mask(message, data, texts=_TEXTS if service == _SERVICE else frozenset())
    return json_text.compact(data, order=list)


def _mask(message: Any, data: dict[str, Any], *, texts: frozenset[str]) -> None:
    """Mask in ``data``, the JSON of ``message``, what is secret."""
    if message.DESCRIPTOR.full_name == _KIND:
        _mask_secret(data)
    for field, value in message.ListFields():
        inner = field.message_type
        if inner is None:
            if field.name in _TOKENS or field.name in texts:
                data[field.json_name] = MASK
        elif (held := descriptor_options.map_values(field)) is not None:
            if held.message_type is not None:
                for key in value:
                    _mask_inner(value[key], data[field.json_name].get(str(key)))
        elif isinstance(data.get(field.json_name), list):
            for item, shown in zip(value, data[field.json_name], strict=True):
                _mask_inner(item, shown)
        else:
            _mask_inner(value, data.get(field.json_name))


def _mask_inner(message: Any, data: Any) -> None:
    if isinstance(data, dict) and not message.DESCRIPTOR.full_name.startswith(_FOREIGN):
        _mask(message, data, texts=frozenset())


def _mask_secret(data: dict[str, Any]) -> None:
    for name in _VALUES:
        if name in data:
            data[name] = dict.fromkeys(data[name], MASK)
    annotations = data.get("metadata", {}).get("annotations", {})
    # It has the values as they were applied.
    if last_applied.ANNOTATION in annotations:
        annotations[last_applied.ANNOTATION] = MASK
