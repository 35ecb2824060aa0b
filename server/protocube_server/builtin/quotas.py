"""Rules on what a quota and a range of limits speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_SCOPES = frozenset(
    (
        "BestEffort",
        "CrossNamespacePodAffinity",
        "NotBestEffort",
        "NotTerminating",
        "PriorityClass",
        "Terminating",
        "VolumeAttributesClass",
    )
)
_OF_COMPUTE = frozenset(("NotBestEffort", "NotTerminating", "PriorityClass", "Terminating"))
_COMPUTE = frozenset(
    ("cpu", "limits.cpu", "limits.memory", "memory", "pods", "requests.cpu", "requests.memory")
)
_OF_CONTAINERS = frozenset(("cpu", "memory", "ephemeral-storage"))
_LIMITS = (
    ("max", "max"),
    ("min", "min"),
    ("default", "default"),
    ("default_request", "defaultRequest"),
    ("max_limit_request_ratio", "maxLimitRequestRatio"),
)


def _quota_scopes(spec: Any) -> Iterator[Fault]:
    """Scopes are known, fit what is limited, and do not exclude each other."""
    scopes = set(spec.scopes)
    if not scopes:
        return
    plain = {name for name in spec.hard if "/" not in name}
    detail = ""
    if not scopes <= _SCOPES:
        detail = "unsupported scope"
    elif ("BestEffort" in scopes and plain - {"pods"}) or (
        scopes & _OF_COMPUTE and plain - _COMPUTE
    ):
        detail = "unsupported scope applied to resource"
    elif {"BestEffort", "NotBestEffort"} <= scopes or {"Terminating", "NotTerminating"} <= scopes:
        detail = "conflicting scopes"
    if detail:
        yield Fault(rule="invalid.scopes", text=f".scopes: {detail}")


def _limit_resources(item: Any) -> Iterator[Fault]:
    """What pods and containers are limited to are resources of containers."""
    if item.type not in ("Container", "Pod"):
        return
    for name, shown in _LIMITS:
        for resource in sorted(getattr(item, name)):
            is_own = "/" in resource or resource.startswith("hugepages-")
            if not is_own and resource not in _OF_CONTAINERS:
                text = f".{shown}[{resource}]: must be a standard resource for containers"
                yield Fault(rule="invalid.resource", text=text)
                return


BY_NAME: dict[str, MessageRule] = {
    "limit_resources": _limit_resources,
    "quota_scopes": _quota_scopes,
}
