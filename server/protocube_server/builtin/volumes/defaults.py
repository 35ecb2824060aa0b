"""Computed defaults of PersistentVolume."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place


def _creation_time(place: Place) -> None:
    """What happened last to something new is that it was created."""
    metadata = place.root.metadata
    if not place.message.HasField(place.field) and metadata.HasField("creation_timestamp"):
        getattr(place.message, place.field).CopyFrom(metadata.creation_timestamp)


BY_NAME: dict[str, Computed] = {"creation_time": _creation_time}
