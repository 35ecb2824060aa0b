"""HorizontalPodAutoscaler, served as autoscaling/v1 and stored as v2.

Version 1 knows one metric, the processors' utilization. What else version 2 can say
travels in annotations, by Kubernetes' names for them
(``k8s.io/kubernetes/pkg/apis/autoscaling/annotations.go``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from protocube import errors
from protocube_server.kinds.named.conversion import renamed

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_server.kinds.named.functions import MakeConversion

_PREFIX = "autoscaling.alpha.kubernetes.io/"
_METRICS, _CURRENT = f"{_PREFIX}metrics", f"{_PREFIX}current-metrics"
_CONDITIONS, _BEHAVIOR = f"{_PREFIX}conditions", f"{_PREFIX}behavior"
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
        _take(annotations, _METRICS, new.spec, "metrics")
        if not new.spec.metrics:
            _add_target(new.spec, _DEFAULT_UTILIZATION)
        _take(annotations, _BEHAVIOR, new.spec, "behavior")
        _take(annotations, _CURRENT, new.status, "currentMetrics")
        is_told = any(_is_cpu_status(metric) for metric in new.status.current_metrics)
        if old.status.HasField("current_cpu_utilization_percentage") and not is_told:
            metric = new.status.current_metrics.add(type="Resource")
            metric.resource.name = "cpu"
            metric.resource.current.average_utilization = (
                old.status.current_cpu_utilization_percentage
            )
        _take(annotations, _CONDITIONS, new.status, "conditions")
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
        _put(annotations, _METRICS, metrics)
        if old.spec.HasField("behavior"):
            annotations[_BEHAVIOR] = _json(old.spec.behavior)
        current = list(old.status.current_metrics)
        seen = next((metric for metric in current if _is_cpu_status(metric)), None)
        if seen is not None:
            percent = seen.resource.current.average_utilization
            new.status.current_cpu_utilization_percentage = percent
            if not seen.resource.current.HasField("average_value"):
                current.remove(seen)
        _put(annotations, _CURRENT, current)
        _put(annotations, _CONDITIONS, list(old.status.conditions))
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


def _json(message: Message) -> str:
    return json.dumps(json_format.MessageToDict(message), separators=(",", ":"), sort_keys=True)


def _put(annotations: Any, key: str, messages: list[Any]) -> None:
    if messages:
        annotations[key] = f"[{','.join(_json(message) for message in messages)}]"


def _take(annotations: Any, key: str, target: Any, field: str) -> None:
    """Add what an annotation's JSON says to the field of ``target`` that it stands for."""
    if key not in annotations:
        return
    # Read apart: the parser replaces lists, also those that say something already.
    read = type(target)()
    try:
        json_format.ParseDict({field: json.loads(annotations[key])}, read)
    except (ValueError, json_format.ParseError) as error:
        raise errors.BadRequest(f"metadata.annotations[{key}]: {error}") from error
    target.MergeFrom(read)
    del annotations[key]


BY_NAME: dict[str, MakeConversion] = {
    "autoscalers": lambda served, stored: Autoscalers(served_kind=served, stored_kind=stored),
}
