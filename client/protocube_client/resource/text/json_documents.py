"""The documents of a JSON stream: values one after the other, with nothing between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protocube.manifests import json_values
from protocube.manifests.manifest_error import ManifestError
from protocube.manifests.yaml import limits
from protocube_client.resource.text import json_faults
from protocube_client.resource.text.document import Document

if TYPE_CHECKING:
    from protocube_client.resource.text.text_stream import TextStream

_BLANKS = re.compile(r"[ \t\r\n]*")
_GOES_ON = re.compile(r"[-+.eE0-9]*\Z")
"""What may stand between a number and the end of a text that was cut within the number."""


async def following(stream: TextStream) -> Document | None:
    """Return the next value of a JSON stream, ``None`` at its end.

    The stream stays before the value when there is none.
    """
    while True:
        start = _past_blanks(stream)
        if start == len(stream.text):
            if await stream.more():
                continue
            return None
        try:
            parsed = json_values.parse(stream.text, start)
        except json_values.NotJson as error:
            if error.cut and await _grow(stream):
                continue
            raise _syntax_error(stream, start) from None
        except json_values.Refused as error:
            raise ManifestError(str(error)) from None
        whole = isinstance(parsed.value, (dict, list, str))
        if not whole and _GOES_ON.match(stream.text, parsed.end) and await stream.more():
            continue
        raw = stream.text[start : parsed.end].encode("utf-8", "replace")
        line = stream.line_at(start)
        stream.advance(parsed.end)
        return Document(raw=raw, value=parsed.value, line=line, is_json=True)


def _past_blanks(stream: TextStream) -> int:
    found = _BLANKS.match(stream.text, stream.position)
    return found.end() if found else stream.position


async def _grow(stream: TextStream) -> bool:
    """Read on until the unread text has doubled, so that trying again stays cheap."""
    pending = len(stream.text) - stream.position
    if pending > limits.LARGEST_DOCUMENT:
        raise limits.too_large()
    grown = False
    while len(stream.text) - stream.position < 2 * pending and await stream.more():
        grown = True
    return grown


def _syntax_error(stream: TextStream, start: int) -> ManifestError:
    found = json_faults.find(stream.text, start)
    if found is None:
        return ManifestError("unexpected EOF", line=stream.line_at(len(stream.text)))
    offset = stream.bytes_before(found.position) + 1
    message = f"json: offset {offset}: {found.message}"
    return ManifestError(message, line=stream.line_at(found.position))
