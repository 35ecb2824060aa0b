"""Computed defaults of LimitRange."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place


def _limit_range_item(place: Place) -> None:
    """What a container gets and asks for when it says nothing follows from the bounds."""
    item = place.message
    if item.type != "Container":
        return
    for target, source in (
        (item.default, item.max),
        (item.default_request, item.default),
        (item.default_request, item.min),
    ):
        for name, amount in source.items():
            if name not in target:
                target[name] = amount


def _limit_range_name(place: Place) -> None:
    """A LimitRange needs no name of its own: nothing refers to it."""
    if not place.message.metadata.name:
        place.message.metadata.name = place.message.metadata.uid


BY_NAME: dict[str, Computed] = {
    "limit_range_item": _limit_range_item,
    "limit_range_name": _limit_range_name,
}
