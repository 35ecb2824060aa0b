"""What a conversion is, and the one that most kinds need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from protocube_server.kinds import unknown

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Resource


class Conversion(Protocol):
    """Between the message of one served version and the stored one. Both give new messages."""

    def stored(self, message: Message) -> Message:
        """Return the stored form of an object of the served version."""
        ...

    def served(self, message: Message) -> Message:
        """Return a stored object in the served version."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SameNumbers:
    """Fields of the same number hold the same: only ``apiVersion`` and ``kind`` differ."""

    served_kind: Resource
    stored_kind: Resource

    def stored(self, message: Message) -> Message:
        """See :class:`Conversion`."""
        return renamed(message, self.stored_kind)

    def served(self, message: Message) -> Message:
        """See :class:`Conversion`."""
        return renamed(message, self.served_kind)


def renamed(message: Message, resource: Resource) -> Message:
    """Return the fields of ``message`` that ``resource`` has under the same numbers."""
    data = message.SerializeToString(deterministic=True)
    result: Any = resource.message_class.FromString(data)
    if unknown.discard(result):
        for _ in unknown.keep_integers(resource.message_class.FromString(data), result):
            pass
    result.api_version, result.kind = resource.api_version, resource.kind
    return result  # type: ignore[no-any-return]  # its class is of a pool
