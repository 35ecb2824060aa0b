"""What a method asks for, as far as it can be told without running it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube_server.kinds.kind import Kind


class RequestClass(enum.Enum):
    """What a call costs, roughly: shares of a server are given out by it."""

    READ = "read"
    """One object."""
    LIST = "list"
    """Any number of objects."""
    WRITE = "write"
    """One object."""
    WRITE_MANY = "write many"
    """Any number of objects, one after the other."""
    WATCH = "watch"
    """A stream that does not end by itself."""


# Not a dataclass: one is made for every call, and a tuple is made in a third of the time.
class Target(NamedTuple):
    """The objects that a call is for."""

    namespace: str = ""
    """Empty for a cluster-scoped kind, and for all namespaces."""
    name: str = ""
    """Empty for a collection, and for an object whose name the server will choose."""


class Parse(Protocol):
    """Reads a request."""

    @property
    def message_class(self) -> type[Message]:
        """What it reads."""
        ...

    def __call__(self, raw: bytes) -> Message:
        """Return the request. Raises ``errors.BadRequest``."""
        ...


FindTarget = Callable[[Any], Target]
"""Tells what a parsed request is for."""


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
    parser: Callable[[Kind], Parse]
    """Makes what reads the requests for a kind."""
    target: Callable[[Kind], FindTarget]
    """Makes what tells the target of a parsed request for a kind."""
    part: Callable[[Any], str] | None = None
    """Tells the subresource that a parsed request names, where the method is for several."""

    @property
    def writes(self) -> bool:
        """Whether it may change what is stored."""
        return self.request_class in (RequestClass.WRITE, RequestClass.WRITE_MANY)

    @property
    def is_of_many(self) -> bool:
        """Whether it may change any number of objects."""
        return self.request_class is RequestClass.WRITE_MANY

    @property
    def streams(self) -> bool:
        """Whether its answer is a stream."""
        return self.request_class is RequestClass.WATCH
