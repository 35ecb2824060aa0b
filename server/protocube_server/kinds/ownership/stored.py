"""The owners of an object as they are stored: in front of its value, see ``kinds.kept``.

What is kept is a protobuf message of the server's own, whose first field they are; other fields
are others' and stay as they are::

    message Kept { Record owners = 1; }
    message Record { repeated Owner owners = 1; bytes nobodys = 2; }
    message Owner {
      string manager = 1;
      string api_version = 2;   // empty: the one that the object is stored in
      string subresource = 3;
      bool applies = 4;         // by apply; otherwise by update
      int64 time = 5;           // seconds since 1970; absent: not known
      bytes fields = 6;         // absent: all in the owner's scope that no one else owns
    }

So an owner of everything costs a few bytes beside its name. A set is FieldsV1 as JSON, from
:data:`_WORTH_IT` bytes on compressed; the first byte tells which.
"""

from __future__ import annotations

import functools
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from protocube.steps import finished
from protocube_server.kinds import splice, varints
from protocube_server.kinds.ownership import elements, field_set, times
from protocube_server.kinds.ownership.entries import Operation, Owner
from protocube_server.kinds.ownership.field_set import EMPTY, FieldSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube.steps import Steps

_MANAGER, _API_VERSION, _SUBRESOURCE, _APPLIES, _TIME, _FIELDS = range(1, 7)
_RECORD = 1
_OWNERS, _NOBODYS = 1, 2
_VARINT, _BYTES = 0, 2
_FRAMED: Final = bytes([_RECORD << 3 | _BYTES])
_LONGEST_NUMBER: Final = 10
_FRAME: Final = 2
"""Bytes before a field of less than 128 bytes."""
_OF_OUR_AGE: Final = 1_700_000_000
_TIME_BYTES: Final = 5
"""Of a time of our age: from 1978 on, for a thousand years."""
_MOST_HEADS: Final = 1024
_MORE: Final = 0x80
"""The bit of a varint's bytes but the last."""
_WORTH_IT: Final = 96
_LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a set as JSON; more is damage."""
_MOST_READ: Final = 256
"""Sets that are kept as they were read."""
_SMALL: Final = 4096
"""Bytes of such a set as JSON, at most."""

_read: dict[bytes, FieldSet] = {}
"""Sets that were read, by their bytes. One write reads its object's owners several times, and
objects that were made alike have equal sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An owner as it is stored."""

    owner: Owner
    time: int | None
    fields: FieldSet | None
    """``None`` for all in its scope that no one else owns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All owners of one object."""

    held: tuple[Held, ...]
    nobodys: FieldSet = EMPTY
    """What is there and nobody's, so that an owner of the rest does not have it."""


NONE: Final = Record(held=())


def split(kept: bytes) -> tuple[bytes, bytes]:
    """Return the owners in what is kept with a value, framed, and everything else in it.

    What is no such message counts as nothing.
    """
    if not kept or (kept[0] == _FRAMED[0] and kept[1] < _MORE and len(kept) == kept[1] + _FRAME):
        return kept, b""
    ours, others = b"", b""
    position = 0
    try:
        for number, _, end in _fields(kept):
            field, position = kept[position:end], end
            if number == _RECORD:
                ours += field
            else:
                others += field
    except (ValueError, IndexError):
        return b"", b""
    return ours, others


def note(owner: Owner, version: str, time: int) -> bytes:
    """Return what is kept with an object that one owner has whole, in the stored ``version``."""
    held = Held(owner=owner, time=time, fields=None)
    return finished(encode(Record(held=(held,)), version))


class Notes:
    """The notes of one kind, made and recognised without looking at each owner anew.

    A note ends with its time, and all times of our age take as many bytes.
    """

    def __init__(self, version: str) -> None:
        self._version = version
        self._heads: dict[int, tuple[Owner, bytes]] = {}
        """What notes begin with, by the identity of an owner, which lives as long as they do."""
        self._made: set[bytes] = set()
        self._time = (0, b"")

    def of(self, owner: Owner, time: int) -> bytes:
        """Return the :func:`note` of an owner."""
        if time != self._time[0]:
            self._time = (time, varints.encode(time))
        written = self._time[1]
        if len(written) != _TIME_BYTES:
            return note(owner, self._version, time)
        return self._head(owner) + written

    def are_of(self, owner: Owner, kept: bytes) -> bool:
        """Tell whether ``kept`` is a note of the same owner, at another time of our age."""
        if kept[:-_TIME_BYTES] != self._head(owner):
            return False
        return kept[-1] < _MORE <= min(kept[-_TIME_BYTES:-1])

    def parted(self, kept: bytes) -> tuple[bytes, bytes] | None:
        """Return what a note made here begins with, and its time; ``None`` for another one."""
        head, time = kept[:-_TIME_BYTES], kept[-_TIME_BYTES:]
        is_ours = head in self._made and time[-1] < _MORE <= min(time[:-1])
        return (head, time) if is_ours else None

    def _head(self, owner: Owner) -> bytes:
        known = self._heads.get(id(owner))
        if known is None:
            if len(self._heads) >= _MOST_HEADS:
                self._heads.clear()
                self._made.clear()
            head = note(owner, self._version, _OF_OUR_AGE)[:-_TIME_BYTES]
            known = self._heads[id(owner)] = (owner, head)
            self._made.add(head)
        return known[1]


@functools.lru_cache(maxsize=1024)
def _head(owner: Owner, version: str) -> bytes:
    """Return the fields of an owner before its time."""
    named = "" if owner.api_version == version else owner.api_version
    texts = ((_MANAGER, owner.manager), (_API_VERSION, named), (_SUBRESOURCE, owner.subresource))
    head = b"".join(_framed(number, text.encode()) for number, text in texts if text)
    return head + (_varint(_APPLIES, 1) if owner.operation is Operation.APPLY else b"")


def encode(record: Record, version: str) -> Steps[bytes]:
    """Return what is kept for a record; nothing when there are no owners."""
    if not record.held:
        return b""
    pieces: list[bytes] = []
    for held in record.held:
        body = _head(held.owner, version)
        if held.time is not None:
            body += _varint(_TIME, held.time)
        if held.fields is not None:
            body += _framed(_FIELDS, (yield from _packed(held.fields)))
        pieces.append(_framed(_OWNERS, body))
    if record.nobodys:
        pieces.append(_framed(_NOBODYS, (yield from _packed(record.nobodys))))
    return _framed(_RECORD, b"".join(pieces))


def decode(kept: bytes, version: str) -> Steps[Record]:
    """Return the record that is kept. Raises :class:`elements.Unreadable` for what is none."""
    held: list[Held] = []
    nobodys = EMPTY
    try:
        for number, outer, _ in _fields(kept):
            if number != _RECORD or not isinstance(outer, bytes):
                continue
            for inner, value, _ in _fields(outer):
                if inner == _OWNERS and isinstance(value, bytes):
                    held.append((yield from _held(value, version)))
                elif inner == _NOBODYS and isinstance(value, bytes):
                    nobodys = yield from _unpacked(value)
    except (ValueError, IndexError, zlib.error, RecursionError) as error:
        raise elements.Unreadable(f"the owners of an object cannot be read: {error}") from error
    return Record(held=tuple(held), nobodys=nobodys)


def _held(body: bytes, version: str) -> Steps[Held]:
    texts = {_MANAGER: "", _API_VERSION: version, _SUBRESOURCE: ""}
    numbers: dict[int, int] = {}
    fields: FieldSet | None = None
    for number, value, _ in _fields(body):
        if isinstance(value, int):
            numbers[number] = value
        elif number == _FIELDS:
            fields = yield from _unpacked(value)
        else:
            texts[number] = value.decode()
    owner = Owner(
        manager=texts[_MANAGER],
        operation=Operation.APPLY if numbers.get(_APPLIES) else Operation.UPDATE,
        api_version=texts[_API_VERSION],
        subresource=texts[_SUBRESOURCE],
    )
    time = numbers.get(_TIME)
    if time is not None and time > times.LAST:
        raise elements.Unreadable(f"no time: {time}")
    return Held(owner=owner, time=time, fields=fields)


def _packed(found: FieldSet) -> Steps[bytes]:
    text = (yield from field_set.to_text(found)).encode()
    return zlib.compress(text) if len(text) >= _WORTH_IT else text


def _unpacked(packed: bytes) -> Steps[FieldSet]:
    known = _read.get(packed)
    if known is not None:
        return known
    text = packed
    if not packed.startswith(b"{"):
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(packed, _LARGEST)
        if not unpacking.eof:
            raise elements.Unreadable("a set of fields ends early")
    yield
    found = yield from field_set.from_fields_v1(json.loads(text))
    if len(text) <= _SMALL:
        if len(_read) >= _MOST_READ:
            del _read[next(iter(_read))]
        _read[packed] = found
    return found


def _framed(number: int, body: bytes) -> bytes:
    return splice.framed(number << 3 | _BYTES, body)


def _varint(number: int, value: int) -> bytes:
    return bytes([number << 3 | _VARINT]) + varints.encode(value)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes, int]]:
    """Yield the number and the value of each field of a message, and where it ends.

    Raises ``ValueError`` for damage, and ``IndexError`` for a number that is cut off.
    """
    position = 0
    while position < len(data):
        tag, position = _number(data, position)
        value, position = _number(data, position)
        if tag & 7 == _VARINT:
            yield tag >> 3, value, position
            continue
        end = position + value
        if tag & 7 != _BYTES or end > len(data):
            raise ValueError("a field of it ends early")
        yield tag >> 3, data[position:end], end
        position = end


def _number(data: bytes, position: int) -> tuple[int, int]:
    number, length = varints.decode(data[position : position + _LONGEST_NUMBER], 0)
    return number, position + length
