"""Computed defaults of resource claims and slices."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place


def _device_count(place: Place) -> None:
    """One device, unless all that fit are asked for."""
    if place.message.allocation_mode == "ExactCount" and not place.message.count:
        place.message.count = 1


def _now(place: Place) -> None:
    """The present time, in whole seconds."""
    if not place.message.HasField(place.field):
        getattr(place.message, place.field).FromSeconds(int(time.time()))


BY_NAME: dict[str, Computed] = {"device_count": _device_count, "now": _now}
