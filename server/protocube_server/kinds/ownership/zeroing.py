"""Fields that are always there, and that an update empties.

They stay their owner's, though an object with an empty one is like an object without it: so
what an owner of the rest has does not follow from the object any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import memo
from protocube_server.kinds.ownership import field_places, schemas
from protocube_server.kinds.ownership.schemas import NodeKind

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

    from protocube_server.kinds.ownership.field_places import FieldPlace
    from protocube_server.kinds.ownership.schemas import Schema

_SKIPPED = ("metadata",)
_DEEPEST = 16


class Zeroing:
    """Finds such fields of one message type."""

    def __init__(self, message_class: Any) -> None:
        self._message_class = message_class
        self._places: tuple[FieldPlace, ...] | None = None

    def between(self, old: Any, new: Any) -> bool:
        """Tell whether an update from ``old`` to ``new`` empties any."""
        if self._places is None:
            self._places = _find(self._message_class)
        return any(not place.is_set(new) and place.is_set(old) for place in self._places)


@memo.by_message_type
def _find(descriptor: Descriptor) -> tuple[FieldPlace, ...]:
    """Return what is always there and owned whole, down messages that always are."""
    found: list[FieldPlace] = []
    waiting: list[tuple[tuple[str, ...], Any, Schema]] = [
        ((), descriptor, schemas.for_message(schemas.class_of(descriptor)))
    ]
    while waiting:
        above, current, schema = waiting.pop()
        for field in current.fields:
            if field.name in _SKIPPED or field.json_name not in schema.always:
                continue
            below = schema.fields[field.json_name].schema
            path = (*above, field.name)
            if below.atomic or below.kind is NodeKind.SCALAR:
                found.append(field_places.of(above, field))
            elif below.kind is NodeKind.STRUCT and len(path) < _DEEPEST:
                waiting.append((path, field.message_type, below))
    return tuple(found)
