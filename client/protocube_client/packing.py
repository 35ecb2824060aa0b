"""Objects that come as ``google.protobuf.Any``, as messages of the class that a caller knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pool, message_factory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf import any_pb2
    from google.protobuf.message import Message

    from protocube.catalog import Catalog
    from protocube_client.target import Target


class Objects:
    """Parses the objects of all kinds, each into the class of its kind."""

    def __init__(self, catalog: Catalog, targets: Iterable[Target[Any]] = ()) -> None:
        self._catalog = catalog
        self._classes: dict[str, type[Message] | None] = {
            item.resource.message: item.message_class for item in targets
        }

    def unpacked(self, packed: any_pb2.Any) -> Message:
        """Return the object that is in ``packed``, or ``packed`` where its kind is not known."""
        name = packed.TypeName()
        if name not in self._classes:
            self._classes[name] = self._class(name)
        message_class = self._classes[name]
        return message_class.FromString(packed.value) if message_class else packed

    def _class(self, name: str) -> type[Message] | None:
        """Return the class that is generated for a message, or else the catalog's own.

        Whoever compares with a generated class has imported it, so that it is in the pool
        of those.
        """
        resource = self._catalog.for_message(name)
        try:
            descriptor = descriptor_pool.Default().FindMessageTypeByName(name)
        except KeyError:
            return resource.message_class if resource else None
        return message_factory.GetMessageClass(descriptor)
