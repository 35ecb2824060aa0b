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
_RESOURCE_VERSION = bytes([object_meta_pb2.ObjectMeta.RESOURCE_VERSION_FIELD_NUMBER << 3 | 2])


def with_version(value: bytes, revision: int) -> bytes:
    """Return the message of ``value`` with ``metadata.resource_version`` set to ``revision``.

    What is kept with it is left out. Raises ``ValueError`` for bytes that are not a stored
    object.
    """
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
    text = str(revision).encode()
    version = _RESOURCE_VERSION + bytes([len(text)]) + text
    return b"".join(
        (
            value[start : position + 1],
            varints.encode(length + len(version)),
            value[begin:end],
            version,
            value[end:],
        )
    )


def framed(tag: int, body: bytes) -> bytes:
    """Return a length-delimited field; ``tag`` is its number shifted, below 0x80."""
    return bytes([tag]) + varints.encode(len(body)) + body


def unframed(field: bytes) -> bytes:
    """Return the body of what :func:`framed` gave."""
    return field[varints.decode(field, 1)[1] :]
