"""Large messages taken apart, so that each part can be held to the contract in a turn of its own.

protovalidate takes a message whole, and lets nobody else run meanwhile. Its rules on the elements
of a list or a map say nothing of the other elements, so that a message with some of them at a
time is found to have the same faults at them. What is left has as many elements of each list as
the rules on the list, and on what holds it, can tell apart. A list whose elements are spoken of
there stays whole, and is bounded; its elements are looked at in parts nevertheless, and first:
so that faults of more of them than are told do not cost a turn of the whole.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import Message

from protocube import descriptor_options
from protocube_server.kinds import list_rules, spoken, unknown
from protocube_server.kinds.spoken import Spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import FieldDescriptor


_SMALL: Final = 1024
"""Bytes. What is no larger has no part that would be worth a turn."""
_TOGETHER: Final = 32
"""Elements that are looked at in one go, those in elements included."""
_FEW: Final = 8
"""Elements that are not worth a part of their own."""
MOST: Final = 500
"""Elements of a list that is spoken of as a whole, where the contract itself sets no bound: an
expression can take quadratic time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some elements of one list in what holds it, and nothing else there; or the whole rest."""

    message: Message
    path: str = ""
    """Where the message is in the object; ends with a dot unless empty."""
    field: FieldDescriptor | None = None
    """The list whose elements the faults must be in; ``None`` for any fault."""
    first: int = 0
    """The index of the first element in the list."""
    looked_at: frozenset[str] = frozenset()
    """Lists in the message whose elements are in other parts, by the numbers of fields."""

    def has(self, elements: list[Any]) -> bool:
        """Tell whether a fault at a path of protovalidate's is one of the part."""
        if self.looked_at and not self.looked_at.isdisjoint(_lists(elements)):
            return False
        if self.field is None:
            return True
        return bool(elements) and (
            elements[0].field_number == self.field.number and elements[0].subscript is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TooMany:
    """A list that is too long to be looked at."""

    path: str
    count: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a message is, and what is spoken of that is in it."""

    whole: set[str]
    """Gets the lists that stay as they are, though their elements are in parts of their own."""
    spoken: Spoken
    path: str = ""
    """In the object, in JSON names; ends with a dot unless empty."""
    numbers: str = ""
    """In the part, in field numbers and subscripts; ends with a dot unless empty."""


def of(message: Message) -> Iterator[Part | TooMany | None]:
    """Yield the parts of a message: what its long lists hold, and itself with short ones.

    Nothing more comes after the first :class:`TooMany`. A ``None`` comes where others may have
    their turn.
    """
    if message.ByteSize() <= _SMALL or _weight(message) <= _TOGETHER:
        yield Part(message=message)
        return
    yield None
    rest = type(message)()
    rest.CopyFrom(message)
    yield None
    place = _Place(whole=set(), spoken=Spoken())
    for part in _cut(rest, place):
        yield part
        if isinstance(part, TooMany):
            return
    yield Part(message=rest, looked_at=frozenset(place.whole))


def _weight(message: Any) -> int:
    """Count the elements and messages in a message, to some more than are looked at in one go."""
    count = 1
    lists = list_rules.on(type(message))
    for field, value in message.ListFields():
        if not lists[field.number].holds_lists:
            count += len(value) if field.is_repeated else 1
        else:
            count += _weight_of(field, value)
        if count > _TOGETHER:
            break
    return count


def _weight_of(field: FieldDescriptor, value: Any) -> int:
    """Count as :func:`_weight` what is in the messages that a field holds."""
    count = 0
    for _, item in unknown.messages(field, value):
        count += _weight(item)
        if count > _TOGETHER:
            break
    return count


def _cut(message: Any, above: _Place) -> Iterator[Part | TooMany | None]:
    """Shorten the long lists in ``message``, and yield parts with what they lose."""
    place = dataclasses.replace(above, spoken=above.spoken.joined(spoken.on(type(message))))
    lists = list_rules.on(type(message))
    for field, value in message.ListFields():
        rules = lists[field.number]
        if rules.is_ignored:
            continue
        kept = rules.kept(field.name, place.spoken) if field.is_repeated else None
        if field.is_repeated:
            most = rules.most or (MOST if kept is None else len(value))
            if len(value) > max(most, _TOGETHER):
                yield TooMany(path=f"{place.path}{field.json_name}", count=len(value), most=most)
                return
            is_long = len(value) > _FEW or (rules.holds_lists and _weight_of(field, value) > _FEW)
            if is_long and (kept or 0) < len(value) <= most:
                yield from _split(message, field, place, kept)
        is_whole = f"{place.numbers}{field.number}" in place.whole
        for subscript, item in unknown.messages(field, value) if rules.holds_lists else ():
            if _weight(item) <= _TOGETHER:
                yield None
                continue
            for part in _cut(item, _below(place, field, subscript)):
                # The elements of what stays whole have been in parts already.
                yield None if is_whole else part
                if isinstance(part, TooMany):
                    return


def _split(
    message: Any, field: FieldDescriptor, place: _Place, kept: int | None
) -> Iterator[Part | TooMany | None]:
    """Yield the elements of a list, some at a time, and take away all but the ``kept`` first."""
    value, holds_lists = getattr(message, field.name), _holds_lists(message, field)
    keys: list[Any] = [*value] if descriptor_options.is_map(field) else [*range(len(value))]
    some: list[Any] = []
    weight = 0
    for key in keys[kept or 0 :]:
        own = _weight(value[key]) if holds_lists else 1
        if some and weight + own > _TOGETHER:
            yield from _part(message, field, place, some)
            some, weight = [], 0
        some.append(key)
        weight += own
    yield from _part(message, field, place, some)
    if kept is None:
        place.whole.add(f"{place.numbers}{field.number}")
    elif descriptor_options.is_map(field):
        for key in keys[kept:]:
            del value[key]
    else:
        del value[kept:]


def _part(
    message: Any, field: FieldDescriptor, place: _Place, keys: list[Any]
) -> Iterator[Part | TooMany | None]:
    """Yield a part with the elements of some keys, and before it what is too long in them."""
    value, part = getattr(message, field.name), type(message)()
    some = getattr(part, field.name)
    inner = dataclasses.replace(place, whole=set(), numbers="")
    for key in keys:
        if not descriptor_options.is_map(field):
            some.append(value[key])
        elif isinstance(value[key], Message):
            some[key].CopyFrom(value[key])
        else:
            some[key] = value[key]
    if len(keys) == 1 and _holds_lists(message, field):
        # In the part the element has an index of its own; its path is that in the object.
        (subscript, item), *_ = unknown.messages(field, some)
        below = _below(inner, field, subscript)
        path = f"{place.path}{field.json_name}[{keys[0]}]."
        yield from _cut(item, dataclasses.replace(below, path=path))
    yield Part(
        message=part,
        path=place.path,
        field=field,
        first=0 if descriptor_options.is_map(field) else keys[0],
        looked_at=frozenset(inner.whole),
    )


def _below(place: _Place, field: FieldDescriptor, subscript: str) -> _Place:
    return dataclasses.replace(
        place,
        path=f"{place.path}{field.json_name}{subscript}.",
        numbers=f"{place.numbers}{field.number}{subscript}.",
    )


def _lists(elements: list[Any]) -> Iterator[str]:
    """Yield the lists that a path of protovalidate's goes through, by the numbers of fields."""
    here = ""
    for element in elements:
        here += str(element.field_number)
        if element.subscript is not None:
            yield here
            here += f"[{element.subscript.value}]"
        here += "."


def _holds_lists(message: Message, field: FieldDescriptor) -> bool:
    return list_rules.on(type(message))[field.number].holds_lists
