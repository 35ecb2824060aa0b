"""What the server keeps with an object and no reader asked for, in front of the stored message.

It is one length-delimited field, the first of the value, of a number that no schema can declare:
protobuf reserves 19000 to 19999 for its implementations. So any protobuf parser skips it, its
first byte tells whether it is there (an object begins with 0x0A, its ``api_version``), and reads
cut it off by its length. A value without it was written by a release that kept nothing, or has
nothing to keep.
"""

from __future__ import annotations

from protocube_server.kinds import varints

NUMBER = 19500
TAG = varints.encode(NUMBER << 3 | 2)
_HEAD = len(TAG)
_LONG = 0x80
"""From so many bytes on a length takes more than one byte."""
FIRST = TAG[0]
"""The first byte of a value with something kept; no other value begins with it."""


def end(value: bytes) -> int:
    """Return where the message begins in a stored value: 0 when nothing is kept.

    Raises ``ValueError`` for a value that ends before that.
    """
    if not value or value[0] != FIRST:
        return 0
    if not value.startswith(TAG):
        raise ValueError("the value begins with a field that no release writes")
    if len(value) > _HEAD and value[_HEAD] < _LONG:
        behind = _HEAD + 1 + value[_HEAD]
        if behind <= len(value):
            return behind
    try:
        length, begin = varints.decode(value, _HEAD)
    except IndexError:
        raise ValueError("the value ends within what is kept with it") from None
    if begin + length > len(value):
        raise ValueError("the value ends within what is kept with it")
    return begin + length


def read(value: bytes) -> bytes:
    """Return what is kept with a stored value; nothing for most. Raises as :func:`end`."""
    behind = end(value)
    if not behind:
        return b""
    if value[_HEAD] < _LONG:
        return value[_HEAD + 1 : behind]
    _, begin = varints.decode(value, _HEAD)
    return value[begin:behind]


def message(value: bytes) -> bytes:
    """Return the bytes of the message alone. Raises as :func:`end`."""
    behind = end(value)
    return value[behind:] if behind else value


def with_message(kept: bytes, body: bytes) -> bytes:
    """Return the value to store: the message, behind what is kept with it, if anything is."""
    if not kept:
        return body
    return b"".join((TAG, varints.encode(len(kept)), kept, body))
