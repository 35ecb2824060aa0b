"""The text of a stream of bytes, read as far as it is needed."""

from __future__ import annotations

import codecs
from collections.abc import Awaitable, Callable

Read = Callable[[], Awaitable[bytes]]
"""Gives the next bytes of a source, ``b""`` at its end."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LONGEST_BOM = 3


class TextStream:
    """Text in UTF-8, or in what its byte order mark says; what is no text becomes U+FFFD.

    ``text`` holds what was read and not yet let go, ``position`` is where the unread
    part begins, ``line`` its line from 1.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._decoder: codecs.IncrementalDecoder | None = None
        self._ended = False
        self._dropped_bytes = 0
        self.text = ""
        self.position = 0
        self.line = 1

    async def more(self) -> bool:
        """Read on and return whether there may be further text; ``False`` means it has ended.

        Positions move when it returns ``True``, because what was let go of goes. They stay
        when it returns ``False``: a caller that gets nothing new goes on with what it found.
        """
        if self._ended:
            return False
        data = await self._read()
        self._ended = not data
        if self._decoder is None:
            while data and len(data) < _LONGEST_BOM:
                further = await self._read()
                if not further:
                    break
                data += further
            data = self._choose(data)
        assert self._decoder is not None  # noqa: S101  # chosen above
        decoded = self._decoder.decode(data, final=self._ended)
        if self._ended and not decoded:
            return False
        if self.position:
            self._dropped_bytes += len(self.text[: self.position].encode("utf-8", "replace"))
            self.text = self.text[self.position :]
            self.position = 0
        # CPython lengthens a text that only one variable knows where it is; any other way, a
        # large document that comes in small pieces would be copied for each of them.
        text, self.text = self.text, ""
        text += decoded
        self.text = text
        return True

    def advance(self, position: int) -> None:
        """Let go of the text before ``position``."""
        self.line += self.text.count("\n", self.position, position)
        self.position = position

    def line_at(self, position: int) -> int:
        """Return the line of a position in the unread part."""
        return self.line + self.text.count("\n", self.position, position)

    def bytes_before(self, position: int) -> int:
        """Return how many bytes of UTF-8 the stream has before ``position``."""
        return self._dropped_bytes + len(self.text[:position].encode("utf-8", "replace"))

    def _choose(self, data: bytes) -> bytes:
        for bom, encoding in _BOMS:
            if data.startswith(bom):
                self._decoder = codecs.getincrementaldecoder(encoding)("replace")
                return data[len(bom) :]
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        return data
