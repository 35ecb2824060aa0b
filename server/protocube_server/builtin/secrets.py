"""Computed defaults of Secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place


def _string_data(place: Place) -> None:
    """Write-only text becomes bytes, over ``data`` of the same key."""
    for key, text in place.message.string_data.items():
        place.message.data[key] = text.encode()
    place.message.ClearField("string_data")


BY_NAME: dict[str, Computed] = {"string_data": _string_data}
