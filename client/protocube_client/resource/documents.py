"""The documents of a stream, YAML or JSON, as kubectl's ``YAMLOrJSONDecoder`` splits it.

A stream whose first character is ``{`` is JSON: values one after the other. When the
first or second of them is no JSON, the rest is taken for YAML. YAML documents are
separated by lines that begin with ``---``. (``k8s.io/apimachinery/pkg/util/yaml``, v0.34)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube_client.resource import (
    json_faults,
    json_values,
    limits,
    yaml_chunks,
    yaml_values,
)
from protocube_client.resource.manifest_error import ManifestError
from protocube_client.resource.text_stream import Read, TextStream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

_LOOK_AHEAD = 4096
_BLANKS = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document as it stood in the stream and what it says."""

    raw: bytes
    """Its text in UTF-8, without the separator behind it."""
    value: Any
    """JSON data. Parts of it may be one object (aliases): copy before you change it."""
    line: int
    """The line of the stream on which it begins, from 1."""
    is_json: bool = False

    def compact(self) -> str:
        """Give the document as the JSON that kubectl makes of it."""
        return self.raw.decode() if self.is_json else json_values.compact(self.value)


async def documents(read: Read) -> AsyncGenerator[Document, None]:
    """Give the documents of a stream in order, empty ones as ``None``.

    ``read`` gives the next bytes and ``b""`` at the end. Raises :class:`ManifestError`
    at the first document that cannot be read; nothing behind it is looked at.
    """
    stream = TextStream(read)
    while len(stream.text) < _LOOK_AHEAD and await stream.more():
        pass
    fault: ManifestError | None = None
    if stream.text[:_LOOK_AHEAD].lstrip().startswith("{"):
        count = 0
        try:
            while document := await _json_document(stream):
                yield document
                count += 1
        except ManifestError as error:
            if count > 1:
                raise
            fault = error
            _skip_line_break(stream)
        else:
            return
    async for chunk in yaml_chunks.chunks(stream, first_fault=fault):
        try:
            value = yaml_values.load(chunk.text)
        except ManifestError as error:
            if fault is not None:
                # Taken for JSON first: that error says more about the text.
                raise fault from None
            raise error.within("error converting YAML to JSON: ", before=chunk.line - 1) from None
        fault = None
        yield Document(raw=chunk.text.encode(), value=value, line=chunk.line)


async def _json_document(stream: TextStream) -> Document | None:
    """Give the next value of a JSON stream, ``None`` at its end.

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
        whole = isinstance(parsed.value, (dict, list, str))
        if not whole and parsed.end == len(stream.text) and await stream.more():
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


def _skip_line_break(stream: TextStream) -> None:
    """Let go of the rest of a line that holds nothing more."""
    end = stream.position
    while end < len(stream.text) and stream.text[end].isspace():
        end += 1
        if stream.text[end - 1] == "\n":
            break
    stream.advance(end)
