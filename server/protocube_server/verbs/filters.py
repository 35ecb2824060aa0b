"""The selectors of a request, ready to be asked of stored bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind


class Filter:
    """A label and a field selector over one kind."""

    def __init__(self, kind: Kind, labels: str, fields: str) -> None:
        """Raises ``errors.BadRequest`` for a selector that cannot be understood."""
        self._kind = kind
        self._labels = kind.label_selector(labels)
        self._fields = kind.field_selector(fields)

    def __bool__(self) -> bool:
        """Tell whether anything has to be parsed to answer."""
        return bool(self._labels) or bool(self._fields)

    def matches(self, value: bytes) -> bool:
        """Tell whether a stored value is selected."""
        if not self:
            return True
        message = self._kind.parse(value)
        if not self._labels.matches(message.metadata.labels):
            return False
        return not self._fields or self._fields.matches(self._kind.field_values(message))
