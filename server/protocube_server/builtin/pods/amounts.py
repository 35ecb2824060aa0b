"""Rules on what containers may ask for and be limited to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.manifests import quantities
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube import errors
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule

_COMMON = frozenset(("cpu", "memory", "ephemeral-storage"))
_USED = ("cpu", "memory")
_HUGE_PAGES = "hugepages-"
_COUNTED = frozenset(
    (
        "configmaps",
        "persistentvolumeclaims",
        "pods",
        "replicationcontrollers",
        "resourcequotas",
        "secrets",
        "services",
        "services.loadbalancers",
        "services.nodeports",
    )
)
_ELSEWHERE = _COUNTED | {
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
    "requests.storage",
    "storage",
}
"""Resources of quotas and volumes, which containers have none of."""


def _container_limits(found: Found) -> Iterator[errors.Violation]:
    """Huge pages come with what a container cannot do without."""
    huge = False
    for name, text in found.value.items():
        if name not in _COMMON:
            yield from _uncommon(found.path, name, text)
            huge = huge or name.startswith(_HUGE_PAGES)
    if huge and not any(name in found.value or name in found.parent.requests for name in _USED):
        path = found.path.rpartition(".")[0]
        yield violations.forbidden(path, "HugePages require cpu or memory")


def _container_requests(found: Found) -> Iterator[errors.Violation]:
    """What is asked for may not be more than the most that is given."""
    limits = found.parent.limits
    for name, text in found.value.items():
        limit = limits.get(name)
        alone = name not in _COMMON and (_extended(name) or name.startswith(_HUGE_PAGES))
        if name not in _COMMON:
            yield from _uncommon(found.path, name, text)
        if limit is None and alone:
            path = f"{found.path.rpartition('.')[0]}.limits"
            detail = "Limit must be set for non overcommitable resources"
            yield violations.required(path, detail)
        if limit in (None, text):
            continue
        asked, most = quantities.parse(text), quantities.parse(limit)
        if asked is None or most is None:
            continue
        if alone and asked != most:
            detail = f"must be equal to {name} limit of {limit}"
            yield violations.invalid(found.path, text, detail)
        elif asked > most:
            detail = f"must be less than or equal to {name} limit of {limit}"
            yield violations.invalid(found.path, text, detail)


def _overhead(found: Found) -> Iterator[errors.Violation]:
    """What a runtime costs is what a container may be limited to, and is reported as such."""
    yield from _limits(f"{found.path}.limits", found.value)


def _runtime_overhead(found: Found) -> Iterator[errors.Violation]:
    """As the overhead of a pod, which it becomes."""
    yield from _limits("overhead.limits", found.value)


def _limits(path: str, amounts: Mapping[str, str]) -> Iterator[errors.Violation]:
    for name, text in amounts.items():
        if name not in _COMMON:
            yield from _uncommon(path, name, text)


def _uncommon(path: str, name: str, text: str) -> Iterator[errors.Violation]:
    where = f"{path}[{name}]"
    if "/" not in name and not name.startswith(_HUGE_PAGES):
        if name not in _ELSEWHERE:
            detail = "must be a standard resource type or fully qualified"
            yield violations.invalid(where, name, detail)
        yield violations.invalid(where, name, "must be a standard resource for containers")
    elif _extended(name) and _broken(text):
        yield violations.invalid(where, text, "must be an integer")


def _quota_amounts(found: Found) -> Iterator[errors.Violation]:
    """Things that are counted come in whole numbers."""
    for name, text in sorted(found.value.items()):
        if (name in _COUNTED or _extended(name)) and _broken(text):
            yield violations.invalid(f"{found.path}[{name}]", text, "must be an integer")


def _extended(name: str) -> bool:
    """Tell whether a resource is an extended one, of which there is a whole number."""
    return "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")


def _broken(text: str) -> bool:
    number: Any = quantities.parse(text)
    return number is not None and number.denominator != 1


BY_NAME: dict[str, ComputedRule] = {
    "container_limits": _container_limits,
    "container_requests": _container_requests,
    "overhead": _overhead,
    "quota_amounts": _quota_amounts,
    "runtime_overhead": _runtime_overhead,
}
