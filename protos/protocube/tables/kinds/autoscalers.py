"""Cells of HorizontalPodAutoscalers in both versions that are served.

Version 1 names one metric, the processors' utilization. What it carries of others in
annotations is not shown: kubectl asks for version 2 unless told otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables.kinds import missing, shortened

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_METRICS = 2


def reference(autoscaler: Any, _now: float) -> str:
    """Return what is scaled as ``Kind/name``."""
    found = autoscaler.spec.scale_target_ref
    return f"{found.kind}/{found.name}"


def targets(autoscaler: Any, _now: float) -> str:
    """Return the first metrics as ``is/should be``."""
    if "metrics" in autoscaler.spec.DESCRIPTOR.fields_by_name:
        found = _metrics(autoscaler)
    else:
        found = _processors(autoscaler)
    return shortened.joined(found, most=_MOST_METRICS, separator=", ") or missing.NONE


def min_pods(autoscaler: Any, _now: float) -> str:
    """Return the least number of pods."""
    spec = autoscaler.spec
    return str(spec.min_replicas) if spec.HasField("min_replicas") else missing.UNSET


def _processors(autoscaler: Any) -> list[str]:
    spec, status = autoscaler.spec, autoscaler.status
    if not spec.HasField("target_cpu_utilization_percentage"):
        return []
    current = missing.UNKNOWN
    if status.HasField("current_cpu_utilization_percentage"):
        current = f"{status.current_cpu_utilization_percentage}%"
    return [f"cpu: {current}/{spec.target_cpu_utilization_percentage}%"]


def _metrics(autoscaler: Any) -> list[str]:
    # The status has no key to a metric but its place.
    statuses = autoscaler.status.current_metrics
    return [
        _metric(metric, statuses[place] if place < len(statuses) else None)
        for place, metric in enumerate(autoscaler.spec.metrics)
    ]


def _metric(metric: Any, status: Any) -> str:
    form = _FORMS.get(metric.type)
    if form is None:
        return "<unknown type>"
    field, show = form
    current = None
    if status is not None and status.HasField(field):
        current = getattr(status, field).current
    return show(getattr(metric, field), current)


def _pods(source: Any, current: Any) -> str:
    return f"{_now_at(current, 'average_value')}/{source.target.average_value}"


def _value(source: Any, current: Any) -> str:
    target = source.target
    if target.HasField("average_value"):
        return f"{_now_at(current, 'average_value')}/{target.average_value} (avg)"
    return f"{_now_at(current, 'value')}/{target.value}"


def _resource(source: Any, current: Any) -> str:
    target = source.target
    if target.HasField("average_value"):
        return f"{source.name}: {_now_at(current, 'average_value')}/{target.average_value}"
    wanted = "<auto>"
    if target.HasField("average_utilization"):
        wanted = f"{target.average_utilization}%"
    return f"{source.name}: {_now_at(current, 'average_utilization', unit='%')}/{wanted}"


def _now_at(current: Any, field: str, *, unit: str = "") -> str:
    if current is None or not current.HasField(field):
        return missing.UNKNOWN
    return f"{getattr(current, field)}{unit}"


_FORMS: dict[str, tuple[str, Callable[[Any, Any], str]]] = {
    "ContainerResource": ("container_resource", _resource),
    "External": ("external", _value),
    "Object": ("object", _value),
    "Pods": ("pods", _pods),
    "Resource": ("resource", _resource),
}
"""How each type of metric is shown, with the field that holds it."""
