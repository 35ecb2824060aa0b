"""What a method asks for, as far as it can be told without running it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

    from protocube_server.kinds.kind import Kind


class RequestClass(enum.Enum):
    """What a call costs, roughly: shares of a server are given out by it."""

    READ = "read"
    """One object."""
    LIST = "list"
    """Any number of objects."""
    WRITE = "write"
    WATCH = "watch"
    """A stream that does not end by itself."""


# Not a dataclass: one is made for every call, and a tuple is made in a third of the time.
class Target(NamedTuple):
    """The objects that a call is for."""

    namespace: str = ""
    """Empty for a cluster-scoped kind, and for all namespaces."""
    name: str = ""
    """Empty for a collection, and for an object whose name the server will choose."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verb:
    """One method of the typed services."""

    method: str
    """Its name in a service: ``UpdateStatus``."""
    word: str
    """Its name in rights and in audit records: ``update``."""
    subresource: str = ""
    """``status``, ``scale``; empty for the object itself."""
    request_class: RequestClass
    parse: Callable[[Kind, bytes], Message]
    """Reads the request. Raises ``errors.BadRequest``."""
    target: Callable[[Kind, Any], Target]
    """Tells what a parsed request is for."""

    @property
    def writes(self) -> bool:
        """Whether it may change what is stored."""
        return self.request_class is RequestClass.WRITE

    @property
    def streams(self) -> bool:
        """Whether its answer is a stream."""
        return self.request_class is RequestClass.WATCH
