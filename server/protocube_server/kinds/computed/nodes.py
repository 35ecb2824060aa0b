"""Computed defaults of Node."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.computed.place import Computed, Place


def _pod_cidrs(place: Place) -> None:
    """The one range is the first of all."""
    if place.message.pod_cidr and not place.message.pod_cidrs:
        place.message.pod_cidrs.append(place.message.pod_cidr)


def _allocatable(place: Place) -> None:
    """All that a node has, unless it keeps some for itself."""
    if not place.message.allocatable:
        for name, amount in place.message.capacity.items():
            place.message.allocatable[name] = amount


BY_NAME: dict[str, Computed] = {"allocatable": _allocatable, "pod_cidrs": _pod_cidrs}
