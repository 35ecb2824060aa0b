"""Computed defaults of Node."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place


def _pod_cidrs(place: Place) -> None:
    """The one range is the first of all, and the older clients' word where they differ."""
    one, ranges = place.message.pod_cidr, place.message.pod_cidrs
    if ranges and not one:
        place.message.pod_cidr = ranges[0]
    elif one and (not ranges or ranges[0] != one):
        ranges[:] = [one]


def _allocatable(place: Place) -> None:
    """All that a node has, unless it keeps some for itself."""
    if not place.message.allocatable:
        for name, amount in place.message.capacity.items():
            place.message.allocatable[name] = amount


BY_NAME: dict[str, Computed] = {"allocatable": _allocatable, "pod_cidrs": _pod_cidrs}
