"""The kinds that a server serves, by the names that callers use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.kinds.kind import Kind
from protocube_server.kinds.named.functions import NONE, Functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube.catalog import Catalog, Resource


class Registry:
    """All kinds of a catalog over one storage prefix."""

    def __init__(self, catalog: Catalog, key_prefix: str, functions: Functions = NONE) -> None:
        """Raises ``ValueError`` when a kind names a stored form or a conversion that is none."""
        self.catalog = catalog
        self._kinds = tuple(
            Kind(
                resource,
                key_prefix,
                stored=_stored_form(catalog, resource),
                functions=functions,
            )
            for resource in catalog.resources
        )
        self._by_service = {kind.resource.service: kind for kind in self._kinds}
        self._by_message = {kind.resource.message: kind for kind in self._kinds}

    def __iter__(self) -> Iterator[Kind]:
        """Give every kind."""
        return iter(self._kinds)

    def for_service(self, full_name: str) -> Kind | None:
        """Find the kind that a typed service serves."""
        return self._by_service.get(full_name)

    @property
    def namespaces(self) -> Kind:
        """The kind of namespaces, which every namespaced object depends on.

        Raises ``ValueError`` when the catalog has none.
        """
        found = self._by_message.get("protocube.core.v1.Namespace")
        if found is None:
            raise ValueError("the catalog has no protocube.core.v1.Namespace")
        return found


def _stored_form(catalog: Catalog, resource: Resource) -> Resource | None:
    name = resource.options.stored_as
    stored = catalog.for_message(name) if name else None
    if name and (stored is None or stored.options.stored_as):
        raise ValueError(f"{resource.message}: stored_as names {name}, which is not stored itself")
    return stored
