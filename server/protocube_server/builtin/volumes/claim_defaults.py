"""Computed defaults of PersistentVolumeClaim."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place


def _data_source_ref(place: Place) -> None:
    """What a claim begins with can be said in two ways; whichever is, both are kept.

    That is for claims: a template of one keeps what it was given. The old way knows no
    other namespace.
    """
    spec, kind = place.message, place.root.DESCRIPTOR
    if kind.fields_by_name["spec"].message_type != spec.DESCRIPTOR:
        return
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
