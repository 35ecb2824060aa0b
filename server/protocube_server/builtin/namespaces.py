"""Computed defaults of Namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place

_KUBERNETES = "kubernetes"


def _namespace_finalizers(place: Place) -> None:
    """Every namespace is emptied before it goes away, and says so."""
    if _KUBERNETES not in place.message.finalizers:
        place.message.finalizers.append(_KUBERNETES)


BY_NAME: dict[str, Computed] = {"namespace_finalizers": _namespace_finalizers}
