"""What a client call speaks of: the service of a kind and the class of its objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from google.protobuf.message import Message

from protocube import errors

if TYPE_CHECKING:
    from protocube.catalog import Catalog, Resource

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Generic[M]):
    """A kind and the class that its objects are parsed into."""

    resource: Resource
    message_class: type[M]

    def method(self, name: str) -> str:
        """Return the path of a method of the kind's service.

        Raises ``errors.MethodNotSupported`` when the kind has no such method.
        """
        if name not in self.resource.methods:
            raise errors.MethodNotSupported(
                f"{self.resource.qualified} cannot be used with {name}",
                resource=self.resource.qualified,
            )
        return f"/{self.resource.service}/{name}"

    def parse(self, data: bytes) -> M:
        """Return the object that ``data`` is the serialisation of."""
        return self.message_class.FromString(data)


def of(catalog: Catalog, kind: type[M] | str) -> Target[M]:
    """Find what ``kind`` means: a message class, or a name as one types it (``pods``, ``po``).

    With a name, the objects are of the catalog's own class. Raises
    ``errors.NotFound`` when there is no such kind.
    """
    if isinstance(kind, str):
        resource = catalog.find(kind)
        name = kind
        message_class = cast("type[M]", resource.message_class) if resource else None
    else:
        name = str(kind.DESCRIPTOR.full_name)
        resource = catalog.for_message(name)
        message_class = kind
    if resource is None or message_class is None:
        raise errors.NotFound(
            f"the server doesn't have a resource type {errors.quote(name)}", resource=name
        )
    return Target(resource=resource, message_class=message_class)
