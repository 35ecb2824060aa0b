"""Which objects a quota is for: the scopes of ``k8s.io/kubernetes/pkg/quota/v1/evaluator/core``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube.manifests import quantities
from protocube_server.admission.plugins.plugin import CLAIM, POD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.kind import Kind

_EXISTS: Final = "Exists"
_COUNTED: Final = ("cpu", "memory")


def fit(quota: Any, kind: Kind, message: Any) -> bool:
    """Tell whether an object is one of those that a quota is for."""
    return all(
        _fits(kind, message, scope, operator, values) for scope, operator, values in _of(quota)
    )


def _of(quota: Any) -> Iterator[tuple[str, str, list[str]]]:
    for scope in quota.spec.scopes:
        yield scope, _EXISTS, []
    for each in quota.spec.scope_selector.match_expressions:
        yield each.scope_name, each.operator, list(each.values)


def _fits(kind: Kind, message: Any, scope: str, operator: str, values: list[str]) -> bool:
    name = kind.resource.message
    if name == CLAIM and scope == "VolumeAttributesClass":
        return _selects(message.spec.volume_attributes_class_name, operator, values)
    if name != POD:
        return False
    spec = message.spec
    match scope:
        case "Terminating":
            return bool(spec.HasField("active_deadline_seconds"))
        case "NotTerminating":
            return not spec.HasField("active_deadline_seconds")
        case "BestEffort":
            return _is_best_effort(spec)
        case "NotBestEffort":
            return not _is_best_effort(spec)
        case "PriorityClass":
            return _selects(spec.priority_class_name, operator, values)
        case "CrossNamespacePodAffinity":
            return _reaches_others(spec)
    return False


def _selects(value: str, operator: str, values: list[str]) -> bool:
    match operator:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return bool(value)
        case "DoesNotExist":
            return not value
    return False


def _is_best_effort(spec: Any) -> bool:
    return not any(
        quantities.parse(amounts[name])
        for container in (*spec.containers, *spec.init_containers)
        for amounts in (container.resources.requests, container.resources.limits)
        for name in _COUNTED
        if name in amounts
    )


def _reaches_others(spec: Any) -> bool:
    """Tell whether a pod's place depends on pods of other namespaces."""
    terms: list[Any] = []
    for affinity in (spec.affinity.pod_affinity, spec.affinity.pod_anti_affinity):
        terms += affinity.required_during_scheduling_ignored_during_execution
        terms += (
            each.pod_affinity_term
            for each in affinity.preferred_during_scheduling_ignored_during_execution
        )
    return any(term.namespaces or term.HasField("namespace_selector") for term in terms)
