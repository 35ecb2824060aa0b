"""Which resource a manifest's ``apiVersion`` and ``kind`` mean, as kubectl's mapper sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube.catalog import Catalog, Resource

_LIST = "List"


class Kinds:
    """A catalog as a manifest names its kinds.

    ``configmap`` and ``ConfigMapList`` mean ConfigMap, too, and without an apiVersion
    the core group is meant.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._versions = {resource.api_version for resource in catalog.resources}
        self._lower = {
            (resource.api_version, resource.kind.lower()): resource
            for resource in catalog.resources
        }

    def find(self, api_version: str, kind: str) -> Resource | None:
        """Return the resource that is meant, ``None`` when there is none."""
        versions = [api_version] if api_version else self._core_versions()
        for version in versions:
            found = self._catalog.for_kind(version, kind) or self._lower.get((version, kind))
            if found is None and kind.endswith(_LIST):
                found = self._catalog.for_kind(version, kind.removesuffix(_LIST))
            if found is not None:
                return found
        return None

    def elsewhere(self, api_version: str, kind: str) -> str:
        """Say in which versions a kind is served now, if it is."""
        versions = " or ".join(self._catalog.moved_to(api_version, kind))
        return f"{kind} is served as {versions}" if versions else ""

    def has_list(self, api_version: str, kind: str) -> bool:
        """Tell whether a document with items may call itself so."""
        if kind == _LIST:
            return not api_version or api_version in self._versions
        return self.find(api_version, kind) is not None

    def _core_versions(self) -> list[str]:
        return sorted(version for version in self._versions if "/" not in version)
