"""A YAML stream in pieces of one document each, split at lines that begin with ``---``.

That is cruder than YAML: a separator inside a quoted scalar splits it, and a separator
that begins a document stays part of it. (``YAMLReader`` of apimachinery)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from protocube.manifests.manifest_error import ManifestError
from protocube.manifests.yaml import limits

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_client.resource.text.text_stream import TextStream

_SEPARATOR = "---"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The text of one document and the line of the stream on which it begins."""

    text: str
    line: int


async def chunks(
    stream: TextStream, *, first_fault: ManifestError | None = None
) -> AsyncGenerator[Chunk, None]:
    """Yield the chunks from the stream's position on, with Unix line ends.

    Raises :class:`ManifestError` for a separator with other text behind it than a
    comment and for a document above the limit, or instead ``first_fault`` as long as
    no chunk was given.
    """
    while True:
        try:
            chunk = await _next(stream)
        except ManifestError:
            if first_fault is not None:
                raise first_fault from None
            raise
        if chunk is None:
            return
        first_fault = None
        yield chunk


async def _next(stream: TextStream) -> Chunk | None:
    searched = 0
    while True:
        text, start = stream.text, stream.position
        at = _separator(text, start, start + searched)
        end = text.find("\n", at) if at is not None else -1
        if at is None or end < 0:
            # What was read may end inside a separator.
            searched = max(0, (len(text) if at is None else at) - start - len(_SEPARATOR) - 1)
            if len(text) - start > limits.LARGEST_DOCUMENT:
                raise limits.too_large()
            # See TextStream.more: no other code may hold the text while it grows.
            del text
            if await stream.more():
                continue
            return _last(stream, at)
        _check(stream, at, end)
        if at > start:
            return _take(stream, at, end + 1)
        searched = end - start


def _separator(text: str, start: int, searched: int) -> int | None:
    """Return where the next line that begins with ``---`` begins."""
    if searched == start and text.startswith(_SEPARATOR, start):
        return start
    found = text.find("\n" + _SEPARATOR, searched)
    return None if found < 0 else found + 1


def _last(stream: TextStream, at: int | None) -> Chunk | None:
    end = len(stream.text)
    if at is not None:
        _check(stream, at, end)
    if stream.position == end:
        return None
    if at is not None and at > stream.position:
        return _take(stream, at, end)
    # Every line ends in a line break, also the last one.
    chunk = _take(stream, end, end)
    return chunk if chunk.text.endswith("\n") else replace(chunk, text=chunk.text + "\n")


def _check(stream: TextStream, at: int, end: int) -> None:
    behind = stream.text[at + len(_SEPARATOR) : end].strip()
    if behind and not behind.startswith("#"):
        message = f"invalid Yaml document separator: {behind}"
        raise ManifestError(message, line=stream.line_at(at))


def _take(stream: TextStream, end: int, following: int) -> Chunk:
    text = stream.text[stream.position : end].replace("\r\n", "\n")
    line = stream.line
    stream.advance(following)
    return Chunk(text=text, line=line)
