"""Reads the documents of one stream and makes an Info of each."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube.errors import quote
from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource.text.documents import documents

if TYPE_CHECKING:
    from protocube_client.resource.mapper import Mapper
    from protocube_client.resource.schema import Schema
    from protocube_client.resource.text.text_stream import Read
    from protocube_client.resource.visitor import VisitorFunc


class StreamVisitor:
    """Visits the documents of a stream, once. Empty ones are passed over."""

    def __init__(self, read: Read, source: str, *, mapper: Mapper, schema: Schema) -> None:
        self._read = read
        self._source = source
        self._mapper = mapper
        self._schema = schema

    async def visit(self, fn: VisitorFunc) -> None:
        """Visit the documents in order.

        A document of an unknown kind is handed to ``fn`` as its error and the walk goes
        on. Raises :class:`ManifestError` at one that cannot be parsed or does not say
        what it is; the rest of the stream is left unread.
        """
        async with aclosing(documents(self._read)) as found:
            while True:
                try:
                    document = await anext(found, None)
                except ManifestError as error:
                    prefix = f"error parsing {self._source}: "
                    raise error.within(prefix, source=self._source) from None
                if document is None:
                    return
                if document.value is None:
                    continue
                try:
                    self._schema.check(document.value)
                except ManifestError as error:
                    message = f"error validating {quote(self._source)}: {error}"
                    raise ManifestError(message, line=document.line, source=self._source) from None
                await self._mapper.know(document.value)
                try:
                    info = self._mapper.info_for_data(document, self._source)
                except ManifestError as error:
                    await fn(None, error.within("", source=self._source))
                    continue
                await fn(info, None)
