"""Assigning a pod to a node: Kubernetes' ``BindingREST`` in ``registry/core/pod/storage``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.builtin.pods import conditions
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from protocube_server.kinds.named.binding import Binding

_RESOURCE = "pods/binding"
_NODE = "Node"


def bind(pod: Any, binding: Any, now: datetime) -> None:
    """Assign a pod to the node that a Binding names, and give it its annotations."""
    name = binding.metadata.name
    faults = list(_faults(binding.target))
    if faults:
        raise errors.invalid("Binding", name, faults)
    why = _obstacle(pod)
    if why:
        raise errors.conflict(_RESOURCE, name, f"pod {name} {why}")
    pod.spec.node_name = binding.target.name
    pod.metadata.annotations.update(binding.metadata.annotations)
    conditions.settle(pod, "PodScheduled", now)


def _faults(target: Any) -> Iterator[errors.Violation]:
    if target.kind not in ("", _NODE):
        yield violations.unsupported("target.kind", target.kind, [_NODE, "<empty>"])
    if not target.name:
        yield violations.required("target.name")


def _obstacle(pod: Any) -> str:
    """Return what keeps a pod from being assigned, empty when nothing does."""
    if pod.metadata.HasField("deletion_timestamp"):
        return "is being deleted, cannot be assigned to a host"
    if pod.spec.node_name:
        return f"is already assigned to node {errors.quote(pod.spec.node_name)}"
    if pod.spec.scheduling_gates:
        return "has non-empty .spec.schedulingGates"
    return ""


BY_NAME: dict[str, Binding] = {"pod": bind}
"""What the option ``binding`` of a resource can name."""
