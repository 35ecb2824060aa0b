"""Texts of Kubernetes' answers: what of them need not match, and what has no order.

Texts that quote Go or etcd are recorded, and no other server has to repeat them.
"""

from __future__ import annotations

import json
import re
from typing import Final

_FOREIGN_WORDS: Final = re.compile(
    r"json: cannot unmarshal|json parse error|unexpected end of JSON input|invalid character '"
    r"|strconv\.Parse|map\[|\[\]interface|v1\.ObjectMeta|unmarshal errors|etcdserver:|StorageError"
    r"|scheme\.go|illegal base64 data"
)
"""Marks of a text that quotes Go or etcd."""
_VALUE: Final = "Invalid value: "
_INTERNAL_MEMBER: Final = re.compile(r'"[A-Z][A-Za-z]*":')
"""A value that prints Go's own struct has members that no manifest has: ``"MinAvailable":``."""
_DIFFERENCE: Final = re.compile(r"\n@@ -[0-9,]+ \+[0-9,]+ @@\n(?:[ +-].*\n)+")
"""What a text ends in that shows how two such structs differ."""
_STRICT: Final = "strict decoding error: "


def is_foreign(text: str) -> bool:
    """Tell whether a text quotes Go or etcd."""
    return _FOREIGN_WORDS.search(text) is not None


def without_internals(text: str) -> str:
    """Return a text in which any value may stand where Kubernetes prints a struct of its own.

    How two such structs differ is not in it.
    """
    text = _DIFFERENCE.sub(_unless_internal, text)
    parts, end = [""], 0
    while (begin := text.find(_VALUE, end)) >= 0:
        begin += len(_VALUE)
        parts.append(text[end:begin])
        end = begin
        if text[begin : begin + 1] in ("{", "["):
            try:
                _, end = json.JSONDecoder().raw_decode(text, begin)
            except json.JSONDecodeError:
                continue
            value = text[begin:end]
            parts.append("$OBJECT" if _INTERNAL_MEMBER.search(value) else value)
    return "".join((*parts, text[end:]))


def _unless_internal(found: re.Match[str]) -> str:
    return "" if _INTERNAL_MEMBER.search(found[0]) else found[0]


def order_of_fields(warning: str) -> tuple[bool, str]:
    """Order warnings of a body's decoding by their text, and before all others.

    A client of ours reads an object as ``kubectl`` sends one: keys in order. The recorded bodies
    were sent as they stand.
    """
    is_of_decoding = warning.startswith(("unknown field ", "duplicate field "))
    return (not is_of_decoding, warning if is_of_decoding else "")


def sorted_fields(message: str) -> str:
    """Return the error of a body's decoding with its fields in order, for the same reason."""
    head, mark, fields = message.partition(_STRICT)
    return head + mark + ", ".join(sorted(fields.split(", "))) if mark else message
