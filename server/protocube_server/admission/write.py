"""One write, as admission sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import errors

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind

CREATE: Final = "CREATE"
UPDATE: Final = "UPDATE"
DELETE: Final = "DELETE"
_SCALE: Final = "scale"


class Write:
    """A write of an object, or of a part of it.

    ``old`` is ``None`` for a create, ``new`` for a deletion. What an eviction deletes is a
    deletion like any other.
    """

    def __init__(self, call: Call, old: Any, new: Any) -> None:
        self.call = call
        self.kind: Kind = call.kind
        self.old = old
        self.new = new
        self.operation = CREATE if old is None else DELETE if new is None else UPDATE
        part = call.verb.part
        self.subresource = part(call.request) if part else call.verb.subresource
        """``status``, ``scale``; empty for the object."""
        if self.operation == DELETE:
            self.subresource = ""

    @property
    def object(self) -> Any:
        """The object as it is to be, or as it was."""
        return self.old if self.new is None else self.new

    @property
    def namespace(self) -> str:
        """The object's namespace; of a namespace its own name, as in Kubernetes."""
        metadata = self.object.metadata
        found: str = metadata.name if self.kind.is_namespace else metadata.namespace
        return found

    @property
    def name(self) -> str:
        """The object's name; empty before one is made of its beginning."""
        found: str = self.object.metadata.name
        return found

    @property
    def is_of_scale(self) -> bool:
        """Whether what is written is the object's Scale."""
        return self.subresource == _SCALE and self.kind.has_scale

    def forbidden(self, text: str) -> errors.Forbidden:
        """Return the refusal ``RESOURCE "NAME" is forbidden: TEXT``."""
        metadata = self.object.metadata
        name = metadata.name or metadata.generate_name or "Unknown"
        return errors.forbidden(self.kind.resource.qualified, name, text)
