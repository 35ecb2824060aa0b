"""Puts a resource version into stored bytes without parsing them.

A stored value begins with ``api_version`` (1), ``kind`` (2) and ``metadata`` (3), because
it was written deterministically. The version is added at the end of ``metadata``; the
stored ``metadata`` never carries one. A second ``metadata`` field behind the value would
be shorter work, but parsers may keep the last occurrence instead of merging.
"""

from __future__ import annotations

from protocube.meta.v1 import object_meta_pb2
from protocube_server.kinds import kept, varints

_METADATA = 0x1A
_HEAD = (0x0A, 0x12)
_TWO_BYTES, _THREE_BYTES = 0x80, 0x4000
"""From which numbers on a varint has so many."""
_RESOURCE_VERSION = bytes([object_meta_pb2.ObjectMeta.RESOURCE_VERSION_FIELD_NUMBER << 3 | 2])


def with_version(value: bytes, revision: int) -> bytes:
    """Return the message of ``value`` with ``metadata.resource_version`` set to ``revision``.

    What is kept with it is left out. Raises ``ValueError`` for bytes that are not a stored
    object.
    """
    start, position, begin, end = _metadata(value)
    text = str(revision).encode()
    version = _RESOURCE_VERSION + bytes([len(text)]) + text
    return b"".join(
        (
            value[start : position + 1],
            varints.encode(end - begin + len(version)),
            value[begin:end],
            version,
            value[end:],
        )
    )


def metadata(value: bytes) -> bytes:
    """Return the bytes of a stored value's ``metadata``. Raises as :func:`with_version`."""
    _, _, begin, end = _metadata(value)
    return value[begin:end]


def head(message: bytes) -> bytes:
    """Return the beginning of a message: its type and its metadata, a message of that type itself.

    Raises as :func:`with_version`.
    """
    return message[: _metadata(message)[-1]]


def names(api_version: str, kind: str) -> bytes:
    """Return what messages of a kind begin with, up to the tag of their metadata."""
    parts = (framed(_HEAD[0], api_version.encode()), framed(_HEAD[1], kind.encode()))
    return b"".join((*parts, bytes([_METADATA])))


def item_head(item: bytes, beginning: bytes) -> bytes:
    """Return a framed message cut as by :func:`head`, framed likewise.

    ``beginning`` is what :func:`names` gives for its kind: a list has many to cut.
    """
    first = 2
    while item[first - 1] >= _TWO_BYTES:
        first += 1
    at = first + len(beginning)
    if not item.startswith(beginning, first):
        return framed(item[0], head(item[first:]))
    length = item[at]
    at += 1
    if length >= _TWO_BYTES:
        length, at = varints.decode(item, at - 1)
    message = item[first : at + length]
    size = len(message)
    if size < _TWO_BYTES:
        return bytes((item[0], size)) + message
    if size < _THREE_BYTES:
        return bytes((item[0], size & 0x7F | 0x80, size >> 7)) + message
    return framed(item[0], message)


def _metadata(value: bytes) -> tuple[int, int, int, int]:
    """Return where the message begins, and its metadata: the field, its bytes, and their end."""
    start = position = kept.end(value)
    try:
        while value[position] in _HEAD:
            length, begin = varints.decode(value, position + 1)
            position = begin + length
        if value[position] != _METADATA:
            raise ValueError("the value has no metadata where a stored object has it")
        length, begin = varints.decode(value, position + 1)
    except IndexError:
        raise ValueError("the value ends before its metadata") from None
    end = begin + length
    if end > len(value):
        raise ValueError("the value ends within its metadata")
    return start, position, begin, end


def framed(tag: int, body: bytes) -> bytes:
    """Return a length-delimited field; ``tag`` is its number shifted, below 0x80."""
    return bytes([tag]) + varints.encode(len(body)) + body


def unframed(field: bytes) -> bytes:
    """Return the body of what :func:`framed` gave."""
    return field[varints.decode(field, 1)[1] :]
