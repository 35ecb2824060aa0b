"""The kinds that a server serves, by the names that callers use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.kinds.contract import Contract
from protocube_server.kinds.kind import NAMESPACE, Kind
from protocube_server.kinds.named.functions import NONE, Functions
from protocube_server.storage import keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube.catalog import Catalog, Resource
    from protocube.pools import Pool
    from protocube_server.kinds.defined import Defined


class Registry:
    """All kinds of a catalog over one storage prefix. It never changes."""

    def __init__(
        self,
        catalog: Catalog,
        key_prefix: str,
        functions: Functions = NONE,
        *,
        before: Registry | None = None,
        defined: Mapping[str, Defined] | None = None,
    ) -> None:
        """Take over the kinds of ``before`` whose resources are the same objects.

        ``defined`` has the definitions of kinds that came at run time, by full names of their
        messages. Those have the functions and the contract of their definition.

        Raises ``ValueError`` when a kind names a stored form or a conversion that is none.
        """
        self.catalog = catalog
        self._prefix = key_prefix
        self._functions = functions
        self._defined = defined or {}
        self._contracts: dict[int, tuple[Pool, Contract]] = {}
        """One for each pool, by its identity, which is its own as long as it is held here."""
        self._kinds = tuple(self._kind(resource, before) for resource in catalog.resources)
        self._by_service = {kind.resource.service: kind for kind in self._kinds}
        self._by_message = {kind.resource.message: kind for kind in self._kinds}

    def __iter__(self) -> Iterator[Kind]:
        """Iterate over every kind."""
        return iter(self._kinds)

    def replaced(self, catalog: Catalog, defined: Mapping[str, Defined] | None = None) -> Registry:
        """Return the registry of another catalog, made of as much of this one as still holds."""
        return Registry(catalog, self._prefix, self._functions, before=self, defined=defined)

    @property
    def root(self) -> bytes:
        """What the keys of all objects begin with."""
        return keys.root(self._prefix)

    def for_reference(self, api_version: str, name: str) -> Kind | None:
        """Find a kind as a reference to an object names it."""
        resource = self.catalog.for_kind(api_version, name)
        return self._by_message.get(resource.message) if resource is not None else None

    def has(self, kind: Kind) -> bool:
        """Tell whether this very kind is one of them."""
        return self._by_message.get(kind.resource.message) is kind

    def for_service(self, full_name: str) -> Kind | None:
        """Find the kind that a typed service serves."""
        return self._by_service.get(full_name)

    def for_message(self, full_name: str) -> Kind | None:
        """Find the kind of a message."""
        return self._by_message.get(full_name)

    def versions_of(self, kind: Kind) -> Iterator[Kind]:
        """Yield the kinds whose objects are those of ``kind``, itself among them."""
        prefix = kind.prefix()
        return (other for other in self._kinds if other.prefix() == prefix)

    @property
    def namespaces(self) -> Kind:
        """The kind of namespaces, which every namespaced object depends on.

        Raises ``ValueError`` when the catalog has none.
        """
        found = self._by_message.get(NAMESPACE)
        if found is None:
            raise ValueError(f"the catalog has no {NAMESPACE}")
        return found

    def _kind(self, resource: Resource, before: Registry | None) -> Kind:
        stored = self.catalog.stored_form(resource)
        defined = self._defined.get(resource.message)
        known = before.for_message(resource.message) if before else None
        if defined is not None and resource.message in defined.made:
            known = defined.made[resource.message]
        if known is not None and known.is_made_of(resource, stored):
            if defined is None:
                self._remember(resource.pool, known.contract)
            return known
        if defined is not None:
            # It is compiled at its first use.
            return Kind(resource, self._prefix, stored=stored, defined=defined)
        return Kind(
            resource,
            self._prefix,
            stored=stored,
            functions=self._functions,
            contract=self._contract(resource.pool, self._functions),
        )

    def _contract(self, pool: Pool, functions: Functions) -> Contract:
        known = self._contracts.get(id(pool))
        return known[1] if known else self._remember(pool, Contract(functions.message_rules))

    def _remember(self, pool: Pool, contract: Contract) -> Contract:
        return self._contracts.setdefault(id(pool), (pool, contract))[1]
