"""Puts a resource version into stored bytes without parsing them.

A stored value begins with ``api_version`` (1), ``kind`` (2) and ``metadata`` (3), because
it was written deterministically. The version is added at the end of ``metadata``; the
stored ``metadata`` never carries one. A second ``metadata`` field behind the value would
be shorter work, but parsers may keep the last occurrence instead of merging.
"""

from __future__ import annotations

from protocube.meta.v1 import object_meta_pb2

_METADATA = 0x1A
_HEAD = (0x0A, 0x12)
_RESOURCE_VERSION = bytes([object_meta_pb2.ObjectMeta.RESOURCE_VERSION_FIELD_NUMBER << 3 | 2])


def with_version(value: bytes, revision: int) -> bytes:
    """Give ``value`` with ``metadata.resource_version`` set to ``revision``.

    Raises ``ValueError`` for bytes that are not a stored object.
    """
    position = 0
    try:
        while value[position] in _HEAD:
            length, begin = _varint(value, position + 1)
            position = begin + length
        if value[position] != _METADATA:
            raise ValueError("the value has no metadata where a stored object has it")
        length, begin = _varint(value, position + 1)
    except IndexError:
        raise ValueError("the value ends before its metadata") from None
    end = begin + length
    if end > len(value):
        raise ValueError("the value ends within its metadata")
    text = str(revision).encode()
    version = _RESOURCE_VERSION + bytes([len(text)]) + text
    return b"".join(
        (
            value[: position + 1],
            varint(length + len(version)),
            value[begin:end],
            version,
            value[end:],
        )
    )


def varint(number: int) -> bytes:
    """Give a non-negative number as protobuf's varint."""
    if number < 0x80:
        return bytes([number])
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def framed(tag: int, body: bytes) -> bytes:
    """Give a length-delimited field; ``tag`` is its number shifted, below 0x80."""
    return bytes([tag]) + varint(len(body)) + body


def unframed(field: bytes) -> bytes:
    """Give the body of what :func:`framed` gave."""
    return field[_varint(field, 1)[1] :]


def _varint(data: bytes, position: int) -> tuple[int, int]:
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
