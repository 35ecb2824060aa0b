"""Counts what is in an encoded message, before anything is made of it.

An empty message has two bytes in the message that holds it, and takes up to some hundred when it
is parsed, in one go: 3 MB of them took 400 MB and a quarter of a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from google.protobuf.descriptor import FieldDescriptor

from protocube import errors, memo
from protocube_server.kinds import varints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

MOST: Final = 50_000
"""Elements of lists and maps, and messages, in one request, unless its kind says otherwise."""
SMALL: Final = 64 * 1024
"""Bytes. What is no larger takes no time and little room, whatever is in it."""
_TURN: Final = 500
"""Fields that are gone through between two marks."""
_VARINT, _FIXED64, _FRAMED, _GROUP, _GROUP_END, _FIXED32 = range(6)
_FIXED: Final = {
    FieldDescriptor.TYPE_DOUBLE: 8,
    FieldDescriptor.TYPE_FIXED64: 8,
    FieldDescriptor.TYPE_SFIXED64: 8,
    FieldDescriptor.TYPE_FLOAT: 4,
    FieldDescriptor.TYPE_FIXED32: 4,
    FieldDescriptor.TYPE_SFIXED32: 4,
}
_NOT_LAST: Final = bytes(range(0x80, 0x100))
"""Bytes of a varint that others follow."""


class _Field(NamedTuple):
    """A field that counts: a message, or a list or a map of anything."""

    below: _Type | None
    """What is in the messages that it holds."""
    size: int
    """Bytes of each number when they are packed; 0 for varints, -1 for what is not packed."""


_Type = dict[int, _Field]
"""The fields of a message type that count, by their numbers."""


def bounded(message_class: type[Message], raw: bytes, most: int = MOST) -> Iterator[None]:
    """Raise ``errors.TooLarge`` when there are more than ``most`` elements in ``raw``.

    Yields where others may have their turn. What is no message of the class is left to its
    parser.
    """
    if len(raw) <= SMALL:
        return
    found = 0
    try:
        for count in _counts(_fields_of(message_class), raw):
            found += count
            if found > most:
                text = f"more than {most} elements and messages in all"
                raise errors.TooLarge(f"Request entity too large: {text}")
            yield None
    except IndexError:
        return


def _counts(of: _Type, raw: bytes) -> Iterator[int]:
    """Yield how many elements there are, some fields at a time."""
    left = [(0, len(raw), of)]
    found = seen = 0
    while left:
        at, end, fields = left.pop()
        groups = 0
        while at < end:
            seen += 1
            if not seen % _TURN:
                yield found
                found = 0
            tag, at = varints.decode(raw, at)
            form = tag & 7
            begin, at = _value(raw, at, form)
            groups += (form == _GROUP) - (form == _GROUP_END)
            field = fields.get(tag >> 3)
            # What is in a group is no field of ours.
            if field is None or groups:
                continue
            found += _count(field, raw, begin, at) if form == _FRAMED else 1
            if form == _FRAMED and field.below and at > begin:
                left += ((at, end, fields), (begin, at, field.below))
                break
    yield found


def _value(raw: bytes, at: int, form: int) -> tuple[int, int]:
    """Return where the value of a field begins, without its length, and where it ends."""
    if form == _VARINT:
        return at, varints.decode(raw, at)[1]
    if form == _FRAMED:
        length, at = varints.decode(raw, at)
        return at, at + length
    return at, at + (8 if form == _FIXED64 else 4 if form == _FIXED32 else 0)


def _count(field: _Field, raw: bytes, begin: int, end: int) -> int:
    """Return how many elements one field has."""
    if field.size < 0:
        return 1
    if field.size:
        return (end - begin) // field.size
    return len(raw[begin:end].translate(None, _NOT_LAST))


def _compiled(descriptor: Descriptor) -> _Type:
    types: dict[str, _Type] = {}

    def fields(descriptor: Any) -> _Type:
        known = types.get(descriptor.full_name)
        if known is not None:
            return known
        of: _Type = {}
        types[descriptor.full_name] = of
        for item in descriptor.fields:
            below = item.message_type
            if below is not None:
                of[item.number] = _Field(below=fields(below), size=-1)
            elif item.is_repeated:
                is_text = item.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES)
                of[item.number] = _Field(
                    below=None, size=-1 if is_text else _FIXED.get(item.type, 0)
                )
        return of

    return fields(descriptor)


_fields_of = memo.by_message_type(_compiled)
