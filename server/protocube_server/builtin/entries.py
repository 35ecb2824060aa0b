"""Rules on the entries of maps, foremost on how many bytes they may have in all.

CEL has no sum: it would have to join all values, which costs more than the rest of a
small object's validation, and not every language's CEL can join.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

    from protocube import errors
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule

_ENTRIES_BYTES = 1024 * 1024
_ANNOTATIONS_BYTES = 256 * 1024
_JSON_ENTRIES = {
    "kubernetes.io/dockercfg": ".dockercfg",
    "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
}


def _config_map_entries(found: Found) -> Iterator[errors.Violation]:
    """Texts and bytes share their names and their room; that is told of the whole object."""
    item = found.parent
    if found.path == "binaryData" and item.data:
        return  # It was looked at with `data`.
    if item.binary_data:
        for key in sorted(item.data.keys() & item.binary_data.keys()):
            detail = "duplicate of key present in binaryData"
            yield violations.invalid(f"data[{key}]", key, detail)
    if _is_within(item, _ENTRIES_BYTES):
        return
    size = sum(map(_bytes_of, item.data.values())) + sum(map(len, item.binary_data.values()))
    if size > _ENTRIES_BYTES:
        yield violations.too_long(violations.WHOLE, _ENTRIES_BYTES)


def _secret_data(found: Found) -> Iterator[errors.Violation]:
    """The bytes count, not their base64; credentials of registries are JSON objects.

    What they are is not repeated in the violation.
    """
    key = _JSON_ENTRIES.get(found.parent.type)
    if key is not None and key in found.value and not _is_json_object(found.value[key]):
        detail = "must be a JSON object"
        yield violations.invalid(f"{found.path}[{key}]", "<secret contents redacted>", detail)
    if _is_within(found.parent, _ENTRIES_BYTES):
        return
    if sum(map(len, found.value.values())) > _ENTRIES_BYTES:
        yield violations.too_long(found.path, _ENTRIES_BYTES)


def _is_json_object(raw: bytes) -> bool:
    try:
        return isinstance(json.loads(raw), dict)
    except (ValueError, RecursionError):  # the latter for one that nests deeper than is read
        return False


def _annotations_size(found: Found) -> Iterator[errors.Violation]:
    """Names and texts count together."""
    if _is_within(found.parent, _ANNOTATIONS_BYTES):
        return
    entries = found.value.items()
    if sum(_bytes_of(name) + _bytes_of(text) for name, text in entries) > _ANNOTATIONS_BYTES:
        yield violations.too_long(found.path, _ANNOTATIONS_BYTES)


def _is_within(holder: Message, most: int) -> bool:
    """Tell at little cost what is nearly always so: encoded whole, it is not even as large."""
    return holder.ByteSize() <= most


def _bytes_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


BY_NAME: dict[str, ComputedRule] = {
    "annotations_size": _annotations_size,
    "config_map_entries": _config_map_entries,
    "secret_data": _secret_data,
}
