"""Quoted strings of a template, with Go's escapes."""

from __future__ import annotations

import re

_SIMPLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\",
}  # fmt: skip
_BYTE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([0-7]{3}))")
_CHARACTER = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")


def unquote(text: str) -> str:
    """Return what ``text`` says, which stands in single or double quotes.

    Raises ``ValueError`` for a wrong escape, or a quote that has none.
    """
    quote, inner = text[0], text[1:-1]
    if "\\" not in inner and quote not in inner:
        return inner
    # Escapes can stand for single bytes of a character.
    found = bytearray()
    at = 0
    while at < len(inner):
        if inner[at] == quote:
            raise ValueError("invalid syntax")
        if inner[at] != "\\":
            found += inner[at].encode()
            at += 1
        elif byte := _BYTE.match(inner, at):
            found.append(int(byte[1], 16) if byte[1] else int(byte[2], 8) & 0xFF)
            at = byte.end()
        elif character := _CHARACTER.match(inner, at):
            found += chr(int(character[1] or character[2], 16)).encode()
            at = character.end()
        else:
            letter = inner[at + 1 : at + 2]
            if letter not in _SIMPLE and letter != quote:
                raise ValueError("invalid syntax")
            found += _SIMPLE.get(letter, letter).encode()
            at += 2
    return found.decode("utf-8", "replace")
