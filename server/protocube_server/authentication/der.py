"""Reads DER, as far as a certificate's subject and its end need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SEQUENCE: Final = 0x30
SET: Final = 0x31
IDENTIFIER: Final = 0x06
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
VERSION: Final = 0xA0
"""The tag of a certificate's version, which may be left out."""

_STRINGS: Final = {
    0x0C: "utf-8",
    0x12: "ascii",  # NumericString
    0x13: "ascii",  # PrintableString
    0x14: "latin-1",  # T61String, as it is used
    0x16: "ascii",  # IA5String
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}
_LONG: Final = 0x80
_MOST_LENGTH_BYTES: Final = 4


class Malformed(ValueError):
    """The bytes are no DER, or not what was to be read."""


class Element(NamedTuple):
    """A tag and what it holds."""

    tag: int
    body: bytes

    def parts(self) -> Iterator[Element]:
        """Yield the elements in this one. Raises :class:`Malformed`."""
        return elements(self.body)

    def require(self, tag: int) -> Element:
        """Return this element. Raises :class:`Malformed` when it has another tag."""
        if self.tag != tag:
            raise Malformed(f"the tag is {self.tag:#x}, not {tag:#x}")
        return self

    def text(self) -> str | None:
        """Return a string; ``None`` for what is none. Raises :class:`Malformed`."""
        encoding = _STRINGS.get(self.tag)
        if encoding is None:
            return None
        try:
            return self.body.decode(encoding)
        except UnicodeDecodeError:
            raise Malformed("a string is not in its encoding") from None


def elements(data: bytes) -> Iterator[Element]:
    """Yield the elements that follow each other in ``data``. Raises :class:`Malformed`."""
    at = 0
    while at < len(data):
        tag, start, end = _head(data, at)
        if end > len(data):
            raise Malformed("an element is longer than what it is in")
        yield Element(tag, data[start:end])
        at = end


def first(data: bytes) -> Element:
    """Return the first element of ``data``. Raises :class:`Malformed` when there is none."""
    found = next(elements(data), None)
    if found is None:
        raise Malformed("an element is missing")
    return found


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Return the tag of the element at a place, and where what it holds begins and ends."""
    if at + 2 > len(data):
        raise Malformed("an element is cut off")
    tag, length, start = data[at], data[at + 1], at + 2
    if length >= _LONG:
        count = length - _LONG
        if not 0 < count <= _MOST_LENGTH_BYTES or start + count > len(data):
            raise Malformed("the length of an element cannot be read")
        length, start = int.from_bytes(data[start : start + count], "big"), start + count
    return tag, start, start + length
