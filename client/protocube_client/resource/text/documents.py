"""The documents of a stream, YAML or JSON, as kubectl's ``YAMLOrJSONDecoder`` splits it.

A stream whose first character is ``{`` is JSON: values one after the other. When the
first or second of them is no JSON, the rest is taken for YAML. YAML documents are
separated by lines that begin with ``---``. (``k8s.io/apimachinery/pkg/util/yaml``, v0.34)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube.manifests.manifest_error import ManifestError
from protocube.manifests.yaml import values as yaml_values
from protocube_client.resource.text import yaml_chunks
from protocube_client.resource.text.document import Document
from protocube_client.resource.text.text_stream import Read, TextStream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

_LOOK_AHEAD = 4096


async def documents(read: Read) -> AsyncGenerator[Document, None]:
    """Yield the documents of a stream in order, empty ones as ``None``.

    ``read`` gives the next bytes and ``b""`` at the end. Raises :class:`ManifestError`
    at the first document that cannot be read; nothing behind it is looked at.
    """
    stream = TextStream(read)
    while len(stream.text) < _LOOK_AHEAD and await stream.more():
        pass
    fault: ManifestError | None = None
    if stream.text[:_LOOK_AHEAD].lstrip().startswith("{"):
        # Who writes YAML, as most do, does not wait for what reads JSON.
        from protocube_client.resource.text import json_documents

        count = 0
        try:
            while document := await json_documents.following(stream):
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


def _skip_line_break(stream: TextStream) -> None:
    """Let go of the rest of a line that holds nothing more."""
    end = stream.position
    while end < len(stream.text) and stream.text[end].isspace():
        end += 1
        if stream.text[end - 1] == "\n":
            break
    stream.advance(end)
