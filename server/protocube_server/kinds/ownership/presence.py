"""Whether an object has anything that a manager can own."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from protocube import memo
from protocube_server.kinds.ownership import field_places, schemas, scopes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

    from protocube_server.kinds.ownership.field_places import FieldPlace
    from protocube_server.kinds.ownership.schemas import Schema

_NAMES: Final = {"api_version", "kind"}
_METADATA: Final = "metadata"
_STATUS: Final = "status"
_MOST_LIKELY: Final = 6


def exceeds(message: Any, number: int, *, in_status: bool, has_status: bool) -> bool:
    """Tell whether an object surely has more than ``number`` paths that a manager can own.

    They are counted in its status, or else but for it; the status of a kind without a separate
    one counts with the object. For ``number`` 0 the answer is exact.
    """
    fields = _in_status(message) if in_status else _in_object(message, has_status=has_status)
    return next(itertools.islice(fields, number, None), None) is not None


class Likely:
    """Looks at fields that most objects of a type have, outside of the status."""

    def __init__(self, message_class: Any) -> None:
        self._message_class = message_class
        self._places: tuple[FieldPlace, ...] | None = None
        self._last: FieldPlace | None = None
        """What the last object had: the next one mostly has it, too."""

    def has(self, message: Any) -> bool:
        """Tell whether an object has one of them; it may have others."""
        if self._last is not None and self._last.is_set(message):
            return True
        if self._places is None:
            self._places = _likely(self._message_class)
        self._last = next((place for place in self._places if place.is_set(message)), None)
        return self._last is not None


@memo.by_message_type
def _likely(descriptor: Descriptor) -> tuple[FieldPlace, ...]:
    """Return some fields that are not always there."""
    found: list[FieldPlace] = []
    waiting: list[tuple[tuple[str, ...], Any, Schema]] = [
        ((), descriptor, schemas.for_message(schemas.class_of(descriptor)))
    ]
    while waiting and len(found) < _MOST_LIKELY:
        above, current, schema = waiting.pop(0)
        for field in current.fields:
            path = (*above, field.name)
            if path[0] in {*_NAMES, _METADATA, _STATUS}:
                continue
            below = schema.fields[field.json_name]
            if below.empty != {}:
                found.append(field_places.of(above, field))
            elif len(path) < _MOST_LIKELY:
                waiting.append((path, field.message_type, below.schema))
    return tuple(found[:_MOST_LIKELY])


def _in_status(message: Any) -> Iterator[str]:
    if message.HasField(_STATUS):
        yield from _fields(message.status)


def _in_object(message: Any, *, has_status: bool) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name in _NAMES or (field.name == _STATUS and has_status):
            continue
        if field.name == _METADATA:
            yield from _fields(value, scopes.SYSTEM_FIELDS)
        else:
            yield from _field(field, value, type(message))


def _fields(message: Any, but: frozenset[str] = frozenset()) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name not in but:
            yield from _field(field, value, type(message))


def _field(field: Any, value: Any, holder: type[Message]) -> Iterator[str]:
    """Yield the name of a field, unless it is always there; then those of what is in it."""
    if field.name not in _always(holder):
        yield field.name
    elif field.message_type is not None and not field.is_repeated:
        yield from _fields(value)


@memo.by_message_type
def _always(descriptor: Descriptor) -> frozenset[str]:
    """Return the messages that are always there and shared field by field."""
    schema = schemas.for_message(schemas.class_of(descriptor))
    return frozenset(
        field.name for field in descriptor.fields if schema.fields[field.json_name].empty == {}
    )
