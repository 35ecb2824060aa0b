"""The finalizer that keeps an object of a kind as long as others use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_server.kinds.named.use import Use


class Protection:
    """Of one kind, whose option names a finalizer and how its objects are used."""

    def __init__(self, resource: Resource, use: Use) -> None:
        self.use = use
        """What uses its objects."""
        self._finalizer = resource.options.protection.finalizer

    def begin(self, message: Any) -> None:
        """Protect a new object."""
        if self._finalizer not in message.metadata.finalizers:
            message.metadata.finalizers.append(self._finalizer)

    def is_asked(self, metadata: Any) -> bool:
        """Tell whether an object is being deleted and waits for the end of its protection."""
        is_deleted = metadata.HasField("deletion_timestamp")
        return is_deleted and self._finalizer in metadata.finalizers

    def end(self, message: Any) -> None:
        """Protect an object no more."""
        kept = [name for name in message.metadata.finalizers if name != self._finalizer]
        message.metadata.finalizers[:] = kept
