"""Fields of messages in each other, found once for a type and asked for in each object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from google.protobuf.descriptor import FieldDescriptor


class FieldPlace(NamedTuple):
    """A field somewhere below single messages."""

    above: tuple[str, ...]
    """The fields that lead to its message."""
    name: str
    is_plain: bool
    """It has no presence: it is set when its value is not empty."""

    def is_set(self, message: Any) -> bool:
        """Tell whether the field is set in a message of the type that its place is of."""
        for name in self.above:
            message = getattr(message, name)
        found = getattr(message, self.name) if self.is_plain else message.HasField(self.name)
        return bool(found)


def of(above: tuple[str, ...], field: FieldDescriptor) -> FieldPlace:
    """Return the place of a field of the message that ``above`` leads to."""
    return FieldPlace(above, field.name, field.is_repeated or not field.has_presence)
