"""HorizontalPodAutoscaler, served as autoscaling/v1 and stored as v2.

Version 1 knows one metric, the processors' utilization. What else version 2 can say
travels in annotations, by Kubernetes' names for them
(``k8s.io/kubernetes/pkg/apis/autoscaling/annotations.go``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.builtin.autoscalers import annotations as noted
from protocube_server.kinds.named.conversion import renamed

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_server.kinds.named.functions import MakeConversion

_DEFAULT_UTILIZATION = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscalers:
    """See :class:`~protocube_server.kinds.named.conversion.Conversion`."""

    served_kind: Resource
    stored_kind: Resource

    def stored(self, message: Message) -> Message:
        """Return the v2 form; ``errors.BadRequest`` for an annotation that is not its JSON."""
        old: Any = message
        new: Any = renamed(message, self.stored_kind)
        annotations = new.metadata.annotations
        if old.spec.HasField("target_cpu_utilization_percentage"):
            _add_target(new.spec, old.spec.target_cpu_utilization_percentage)
        _take(annotations, noted.METRICS, noted.read_targets, new.spec)
        if not new.spec.metrics:
            _add_target(new.spec, _DEFAULT_UTILIZATION)
        _take(annotations, noted.BEHAVIOR, noted.read_behavior, new.spec)
        # The annotation has all of them, and says more.
        is_told = noted.CURRENT in annotations
        _take(annotations, noted.CURRENT, noted.read_currents, new.status)
        if old.status.HasField("current_cpu_utilization_percentage") and not is_told:
            metric = new.status.current_metrics.add(type="Resource")
            metric.resource.name = "cpu"
            metric.resource.current.average_utilization = (
                old.status.current_cpu_utilization_percentage
            )
        _take(annotations, noted.CONDITIONS, noted.read_conditions, new.status)
        return new  # type: ignore[no-any-return]  # its class is of a pool

    def served(self, message: Message) -> Message:
        """Return the v1 form."""
        old: Any = message
        new: Any = renamed(message, self.served_kind)
        annotations = new.metadata.annotations
        metrics = list(old.spec.metrics)
        target = next((metric for metric in metrics if _is_cpu_target(metric)), None)
        if target is not None:
            percent = target.resource.target.average_utilization
            new.spec.target_cpu_utilization_percentage = percent
            metrics.remove(target)
        if metrics:
            annotations[noted.METRICS] = noted.targets(metrics)
        if old.spec.HasField("behavior"):
            annotations[noted.BEHAVIOR] = noted.behavior(old.spec.behavior)
        current = old.status.current_metrics
        seen = next((metric for metric in current if _is_cpu_status(metric)), None)
        if seen is not None:
            percent = seen.resource.current.average_utilization
            new.status.current_cpu_utilization_percentage = percent
        if current:
            annotations[noted.CURRENT] = noted.currents(current)
        if old.status.conditions:
            annotations[noted.CONDITIONS] = noted.conditions(old.status.conditions)
        return new  # type: ignore[no-any-return]  # as above


def _add_target(spec: Any, percent: int) -> None:
    metric = spec.metrics.add(type="Resource")
    metric.resource.name = "cpu"
    metric.resource.target.type = "Utilization"
    metric.resource.target.average_utilization = percent


def _is_cpu_target(metric: Any) -> bool:
    target = metric.resource.target
    return bool(metric.resource.name == "cpu" and target.HasField("average_utilization"))


def _is_cpu_status(metric: Any) -> bool:
    current = metric.resource.current
    return bool(metric.resource.name == "cpu" and current.HasField("average_utilization"))


def _take(annotations: Any, key: str, read: Callable[[str, Any], None], target: Any) -> None:
    """Move what an annotation says to where version 2 has it. Raises ``errors.BadRequest``."""
    if key not in annotations:
        return
    try:
        read(annotations[key], target)
    except noted.Unread:
        what = key.removeprefix(noted.PREFIX)
        text = f"metadata.annotations[{key}]: it is not the JSON of an autoscaler's {what}"
        raise errors.BadRequest(text) from None
    del annotations[key]


BY_NAME: dict[str, MakeConversion] = {
    "autoscalers": lambda served, stored: Autoscalers(served_kind=served, stored_kind=stored),
}
