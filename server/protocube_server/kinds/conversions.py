"""Kinds with more than one served version: one form is stored, the others are converted.

A conversion loses nothing on the way to the stored form and back: what a version
cannot say, it carries along (Kubernetes puts it into annotations).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

    from protocube.catalog import Resource


class Conversion(Protocol):
    """Between the message of one served version and the stored one. Both give new messages."""

    def stored(self, message: Message) -> Message:
        """Give the stored form of an object of the served version."""
        ...

    def served(self, message: Message) -> Message:
        """Give a stored object in the served version."""
        ...


def between(served: Resource, stored: Resource) -> Conversion:
    """Give the conversion that the option of ``served`` names. Raises ``ValueError``."""
    name = served.options.conversion
    if not name:
        return SameNumbers(served_kind=served, stored_kind=stored)
    try:
        return _BY_NAME[name](served, stored)
    except KeyError:
        known = ", ".join(sorted(_BY_NAME)) or "none"
        message = f"{served.message}: no conversion {name!r}; there are {known}"
        raise ValueError(message) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class SameNumbers:
    """Fields of the same number hold the same: only ``apiVersion`` and ``kind`` differ."""

    served_kind: Resource
    stored_kind: Resource

    def stored(self, message: Message) -> Message:
        """See :class:`Conversion`."""
        return _renamed(message, self.stored_kind)

    def served(self, message: Message) -> Message:
        """See :class:`Conversion`."""
        return _renamed(message, self.served_kind)


def _renamed(message: Message, resource: Resource) -> Message:
    renamed: Any = resource.message_class.FromString(message.SerializeToString(deterministic=True))
    renamed.api_version, renamed.kind = resource.api_version, resource.kind
    return renamed  # type: ignore[no-any-return]  # its class is of a pool


_BY_NAME: dict[str, Callable[[Resource, Resource], Conversion]] = {}
