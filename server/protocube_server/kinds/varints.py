"""Protobuf's variable-length integers."""

from __future__ import annotations


def encode(number: int) -> bytes:
    """Return a non-negative number as a varint."""
    if number < 0x80:
        return bytes([number])
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def decode(data: bytes, position: int) -> tuple[int, int]:
    """Return the number at ``position``, and where what follows it begins.

    Raises ``IndexError`` when the data ends before that.
    """
    byte = data[position]
    if byte < 0x80:
        return byte, position + 1
    result, shift = byte & 0x7F, 7
    while True:
        position += 1
        byte = data[position]
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, position + 1
        shift += 7
