"""Computed defaults of HorizontalPodAutoscaler."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place

_DEFAULT_UTILIZATION = 80
_UP = (("Pods", 4, 15), ("Percent", 100, 15))
_DOWN = (("Percent", 100, 15),)


def _autoscaler_metrics(place: Place) -> None:
    """Four fifths of the processor time that was asked for."""
    if not place.message.metrics:
        metric = place.message.metrics.add(type="Resource")
        metric.resource.name = "cpu"
        metric.resource.target.type = "Utilization"
        metric.resource.target.average_utilization = _DEFAULT_UTILIZATION


def _scale_up(place: Place) -> None:
    """At once, by four pods or by doubling, whichever is more."""
    _rules(place, _UP)
    if not place.message.scale_up.HasField("stabilization_window_seconds"):
        place.message.scale_up.stabilization_window_seconds = 0


def _scale_down(place: Place) -> None:
    """As far as wanted."""
    _rules(place, _DOWN)


def _rules(place: Place, policies: tuple[tuple[str, int, int], ...]) -> None:
    rules = getattr(place.message, place.field)
    rules.SetInParent()
    if not rules.HasField("select_policy"):
        rules.select_policy = "Max"
    if not rules.policies:
        for kind, value, seconds in policies:
            rules.policies.add(type=kind, value=value, period_seconds=seconds)


BY_NAME: dict[str, Computed] = {
    "autoscaler_metrics": _autoscaler_metrics,
    "scale_down": _scale_down,
    "scale_up": _scale_up,
}
