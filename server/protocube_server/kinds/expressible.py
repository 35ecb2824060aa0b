"""Finds what no answer could carry: values without a JSON form, and nesting that parsers refuse.

protobuf takes times beyond the year 9999, numbers that are none, and values of no type. A printer
of JSON does not, so one such object would fail every ``get -o yaml`` of its kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor

from protocube import descriptor_options, errors
from protocube_server.kinds.walking import Walk

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

MOST_LEVELS = 96
"""Messages within each other. Stock parsers take 100; a watch has two around each object, and
as many are left for what may come around those."""
_MOST_FAULTS = 100
_LONGEST_PATH = 1024

_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
"""The years 1 and 9999, which is what JSON's form of a time can say."""
_MOST_SECONDS = 315_576_000_000
"""Of a duration: ten thousand years."""
_NANOS = 1_000_000_000

Check = Callable[[Any], str]
"""Says what is wrong with a value; nothing when it has a JSON form."""


def _time(value: Any) -> str:
    if _FIRST_SECOND <= value.seconds <= _LAST_SECOND and 0 <= value.nanos < _NANOS:
        return ""
    return (
        f"{value.seconds} s and {value.nanos} ns: must be a time of the years 1 to 9999, with 0 to "
        "999999999 ns"
    )


def _duration(value: Any) -> str:
    seconds, nanos = value.seconds, value.nanos
    if abs(seconds) <= _MOST_SECONDS and abs(nanos) < _NANOS and seconds * nanos >= 0:
        return ""
    return (
        f"{seconds} s and {nanos} ns: must be at most {_MOST_SECONDS} s, with less than a second "
        "in ns of the same sign"
    )


def _value(value: Any) -> str:
    if value.WhichOneof("kind") is None:
        return "null: must be null, a boolean, a number, a string, a list or an object"
    return ""


def _mask(value: Any) -> str:
    for path in value.paths:
        if not path or "," in path or not _has_camel_case(path):
            return f"{errors.quote(path)}: must be names of fields in snake_case, with dots between"
    return ""


def _has_camel_case(path: str) -> bool:
    """Tell whether JSON's form of a path leads back to it."""
    is_small = not any(letter.isupper() for letter in path)
    return is_small and all(part[:1].islower() for part in path.split("_")[1:])


_MESSAGES: dict[str, Check] = {
    "google.protobuf.FieldMask": _mask,
    "google.protobuf.Timestamp": _time,
    "google.protobuf.Duration": _duration,
    "google.protobuf.Value": _value,
}
_UNNAMED = {
    "google.protobuf.DoubleValue.value",
    "google.protobuf.FloatValue.value",
    "google.protobuf.ListValue.values",
    "google.protobuf.Struct.fields",
    "google.protobuf.Value.list_value",
    "google.protobuf.Value.number_value",
    "google.protobuf.Value.struct_value",
}
"""Fields that the JSON form of their message does not show."""
_FLOATS = (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    """A field whose values may be no numbers."""

    field: str
    shown: str
    has_presence: bool
    is_repeated: bool
    is_map: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What there is to do with each message of a type."""

    check: Check | None
    """Of a type whose messages may have no JSON form."""
    numbers: tuple[_Number, ...]


class Expressible:
    """The fields of one message type, and of all below it, that can hold what JSON cannot say."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._walk = Walk(descriptor, _work, shown=_shown)

    def faults(self, message: Message) -> Iterator[errors.Violation | None]:
        """Yield what no answer could carry of ``message``, at most a hundred violations.

        And ``None`` where others may have their turn.
        """
        found = 0
        for violation in self._all(message):
            yield violation
            found += violation is not None
            if found == _MOST_FAULTS:
                return

    def _all(self, message: Message) -> Iterator[errors.Violation | None]:
        for visit in self._walk.visits(message):
            if visit is None:
                yield None
                continue
            work, item, prefix, level = visit
            if level > MOST_LEVELS:
                # No other is looked for: what is below could be as deep as parsers allow.
                text = f"must not be nested more than {MOST_LEVELS} messages deep"
                yield _violation(prefix[:-1], f"{prefix[:64]}...: {text}")
                return
            if work.check is not None and (text := work.check(item)):
                yield _violation(prefix[:-1], text)
            for number in work.numbers:
                yield from _of_numbers(number, item, prefix)


def _shown(field: FieldDescriptor) -> str:
    return "" if field.full_name in _UNNAMED else field.json_name


def _work(descriptor: Descriptor) -> _Work | None:
    check = _MESSAGES.get(descriptor.full_name)
    numbers = tuple(_numbers(descriptor))
    # Types that hold themselves are looked at for the depth alone.
    if check is None and not numbers and not _holds_itself(descriptor):
        return None
    return _Work(check=check, numbers=numbers)


def _numbers(descriptor: Descriptor) -> Iterator[_Number]:
    for field in descriptor.fields:
        values = descriptor_options.map_values(field)
        is_map = values is not None
        if (values or field).type in _FLOATS:
            yield _Number(
                field=field.name,
                shown=_shown(field),
                has_presence=field.has_presence,
                is_repeated=field.is_repeated and not is_map,
                is_map=is_map,
            )


def _holds_itself(descriptor: Descriptor) -> bool:
    seen: set[str] = set()
    left: list[Any] = [descriptor]
    while left:
        for field in left.pop().fields:
            below = field.message_type
            if below is None or below.full_name in seen:
                continue
            if below.full_name == descriptor.full_name:
                return True
            seen.add(below.full_name)
            left.append(below)
    return False


def _of_numbers(number: _Number, message: Any, prefix: str) -> Iterator[errors.Violation]:
    if number.has_presence and not message.HasField(number.field):
        return
    value = getattr(message, number.field)
    path = f"{prefix}{number.shown}" if number.shown else prefix[:-1]
    items: Any = (("", value),)
    if number.is_map:
        items = ((f"[{key}]", value[key]) for key in value)
    elif number.is_repeated:
        items = ((f"[{index}]", item) for index, item in enumerate(value))
    for subscript, item in items:
        if not math.isfinite(item):
            yield _violation(f"{path}{subscript}", f"{item}: must be a finite number")


def _violation(path: str, text: str) -> errors.Violation:
    return errors.Violation(
        field=path[:_LONGEST_PATH], reason="FieldValueInvalid", message=f"Invalid value: {text}"
    )
