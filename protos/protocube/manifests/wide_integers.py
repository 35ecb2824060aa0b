"""Integers of free JSON that no double holds, kept beside the double that is nearest.

A ``google.protobuf.Value`` has one type of number, a double, which holds integers up to 2^53.
Kubernetes keeps all of 64 bits. So a Value with another integer has it in one field more, of a
number that no schema can declare: protobuf reserves 19000 to 19999 for its implementations. A
parser that does not know it keeps it or skips it, and its caller sees the nearest double. The
field counts only while that double stands beside it: who sets another number has no need to know.
"""

from __future__ import annotations

from typing import Any, Final

from google.protobuf import unknown_fields, wrappers_pb2

from protocube.manifests import numbers

NUMBER: Final = 19501
_TAG: Final = b"\xe8\xc2\x09"
"""The number, with the wire type of a varint."""
_EXACT: Final = 2**53
"""Up to here a double holds each integer."""
_SIZE: Final = 64


def write(value: int, message: Any) -> None:
    """Set a Value to an integer of 64 bits, and to the nearest double of a larger one."""
    message.number_value = float(value)
    is_within = numbers.LEAST <= value <= numbers.MOST
    if is_within and abs(value) > _EXACT and int(message.number_value) != value:
        varint = wrappers_pb2.Int64Value(value=value).SerializeToString()[1:]
        message.MergeFromString(_TAG + varint)


def read(message: Any) -> int | None:
    """Return the integer beside the double of a Value; ``None`` when it has none that counts."""
    number = message.number_value
    if not _EXACT <= abs(number) <= -numbers.LEAST:
        return None
    fields: Any = unknown_fields.UnknownFieldSet(message)  # iterable, which its stub forgets
    found = [item.data for item in fields if item.field_number == NUMBER]
    if len(found) != 1 or not isinstance(found[0], int):
        return None
    value: int = found[0] - (1 << _SIZE) if found[0] > numbers.MOST else found[0]
    return value if float(value) == number and int(number) != value else None
