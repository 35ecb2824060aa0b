"""Computed defaults of CustomResourceDefinition."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place


def _custom_resource_names(place: Place) -> None:
    """The singular and the kind of a list follow from the kind."""
    if not place.message.HasField("names"):
        return
    names = place.message.names
    names.singular = names.singular or names.kind.lower()
    if names.kind and not names.list_kind:
        names.list_kind = f"{names.kind}List"


def _custom_resource_stored_versions(place: Place) -> None:
    """A new custom kind is stored in its storage version."""
    if not place.message.stored_versions:
        storage = [version.name for version in place.root.spec.versions if version.storage]
        place.message.stored_versions.extend(storage[:1])


BY_NAME: dict[str, Computed] = {
    "custom_resource_names": _custom_resource_names,
    "custom_resource_stored_versions": _custom_resource_stored_versions,
}
