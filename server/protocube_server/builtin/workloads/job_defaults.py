"""Computed defaults of Job. The template of a CronJob gets none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place

_UNBOUNDED = 2**31 - 1
_CONTROLLER_UID = "batch.kubernetes.io/controller-uid"
_OLD_PREFIX_TOO = ("", "batch.kubernetes.io/")


def _job(place: Place) -> None:
    """How often and how many at once, and labels that tell the job's pods from others."""
    place.message.spec.SetInParent()
    spec = place.message.spec
    _numbers(spec)
    if not spec.completion_mode:
        spec.completion_mode = "NonIndexed"
    for name in ("suspend", "manual_selector"):
        if not spec.HasField(name):
            setattr(spec, name, False)
    if not spec.pod_replacement_policy:
        by_policy = spec.HasField("pod_failure_policy")
        spec.pod_replacement_policy = "Failed" if by_policy else "TerminatingOrFailed"
    if not spec.manual_selector:
        _select(spec, place.message.metadata)
    if not place.message.metadata.labels:
        place.message.metadata.labels.update(spec.template.metadata.labels)


def _numbers(spec: Any) -> None:
    if not spec.HasField("parallelism"):
        if not spec.HasField("completions"):
            spec.completions = 1
        spec.parallelism = 1
    if not spec.HasField("backoff_limit"):
        spec.backoff_limit = _UNBOUNDED if spec.HasField("backoff_limit_per_index") else 6


def _select(spec: Any, metadata: Any) -> None:
    """What the manifest says stays, and is refused where it is another job's."""
    labels = spec.template.metadata.labels
    for prefix in _OLD_PREFIX_TOO:
        for name, value in (("controller-uid", metadata.uid), ("job-name", metadata.name)):
            if f"{prefix}{name}" not in labels:
                labels[f"{prefix}{name}"] = value
    if _CONTROLLER_UID not in spec.selector.match_labels:
        spec.selector.match_labels[_CONTROLLER_UID] = metadata.uid


BY_NAME: dict[str, Computed] = {"job": _job}
