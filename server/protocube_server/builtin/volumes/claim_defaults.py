"""Computed defaults of PersistentVolumeClaim."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place


_OLD_SOURCES = frozenset(
    {("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot")}
)
"""Group and kind of what ``dataSource`` can name."""


def _data_source_ref(place: Place) -> None:
    """What a claim begins with can be said in two ways; whichever is, both are kept.

    That is for claims: a template of one keeps what it was given. The old way knows no
    other namespace, and only the kinds that it began with; all else it does not say.
    """
    spec, kind = place.message, place.root.DESCRIPTOR
    if kind.fields_by_name["spec"].message_type != spec.DESCRIPTOR:
        return
    source = spec.data_source
    if (source.api_group, source.kind) not in _OLD_SOURCES:
        spec.ClearField("data_source")
    has_old, has_new = spec.HasField("data_source"), spec.HasField("data_source_ref")
    if has_old and not has_new:
        given, target = spec.data_source, spec.data_source_ref
    elif has_new and not has_old and not spec.data_source_ref.namespace:
        given, target = spec.data_source_ref, spec.data_source
    else:
        return
    target.kind, target.name = given.kind, given.name
    if given.HasField("api_group"):
        target.api_group = given.api_group


BY_NAME: dict[str, Computed] = {"data_source_ref": _data_source_ref}
