"""Base64 as Go reads it: standard alphabet, padded, line breaks ignored."""

from __future__ import annotations

import binascii
import contextlib

_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_BREAKS = "\r\n"
_QUANTUM = 4


def decode(text: str) -> bytes:
    """Return the bytes that ``text`` stands for. Raises ``ValueError`` in Go's words."""
    plain = text.replace("\r", "").replace("\n", "")
    # Python passes over padding behind a whole quantum.
    if len(plain) % _QUANTUM == 0:
        with contextlib.suppress(ValueError):
            return binascii.a2b_base64(plain, strict_mode=True)
    raise ValueError(f"illegal base64 data at input byte {_first_fault(text)}")


def _first_fault(text: str) -> int:
    """Return the position that ``encoding/base64`` names (``decodeQuantum``), in bytes."""
    characters = [
        (index, char)
        for index, char in enumerate(text.encode().decode("latin-1"))
        if char not in _BREAKS
    ]
    inside = 0
    for count, (index, char) in enumerate(characters):
        inside = count % _QUANTUM
        if char in _ALPHABET:
            continue
        if char != "=" or inside < _QUANTUM // 2:
            return index
        if inside == _QUANTUM - 1:
            rest = characters[count + 1 :]
            return rest[0][0] if rest else index
        rest = characters[count + 1 :]
        if not rest:
            return len(text.encode())
        if rest[0][1] != "=":
            # Go names what stands before the character that should have been padding.
            return rest[0][0] - 1
        return rest[1][0] if len(rest) > 1 else index
    return max(0, len(text.encode()) - (inside + 1) % _QUANTUM)
