"""Go's way to quote a text, in which Kubernetes' messages are written."""

from __future__ import annotations


def quote(text: str) -> str:
    """Quote ``text`` as Go's ``%q`` does, which is what kubectl's messages hold."""
    return '"' + "".join(_quoted(char) for char in text) + '"'


_FIRST_BEYOND_ASCII, _FIRST_OF_EIGHT_DIGITS = 0x80, 0x10000
_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    '"': '\\"',
    "\\": "\\\\",
}


def _quoted(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    # Go calls the ASCII space printable, and no other space.
    if char == " " or (char.isprintable() and not char.isspace()):
        return char
    point = ord(char)
    if point < _FIRST_BEYOND_ASCII:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < _FIRST_OF_EIGHT_DIGITS else f"\\U{point:08x}"
