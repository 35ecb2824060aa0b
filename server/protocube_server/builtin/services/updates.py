"""What an update may change of a service: not the addresses that clients know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.builtin.services import types
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.named.change import Change, UpdateRule

_ONCE = "may not change once set"


def _service_spec(change: Change) -> Iterator[errors.Violation]:
    old, new = change.old, change.new
    if "ExternalName" not in (old.type, new.type):
        if not (types.is_headless(old) and types.is_headless(new)):
            yield from _addresses(old, new)
        if not (types.is_headless(old) or types.is_headless(new)):
            yield from _families(old, new)
    both = old.type == new.type == "LoadBalancer"
    if both and _optional(old, "load_balancer_class") != _optional(new, "load_balancer_class"):
        value = _optional(new, "load_balancer_class")
        yield violations.invalid("spec.loadBalancerClass", value, _ONCE)


def _addresses(old: Any, new: Any) -> Iterator[errors.Violation]:
    before, after = list(old.cluster_ips), list(new.cluster_ips)
    if not before or not after:
        # What an update leaves out is not asked for.
        return
    if len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            if one != other:
                yield violations.invalid(f"spec.clusterIPs[{index}]", after, _ONCE)
        return
    if before[0] != after[0]:
        yield violations.invalid("spec.clusterIPs[0]", after, _ONCE)
    yield from _released(new, len(before), len(after), "clusterIP")


def _families(old: Any, new: Any) -> Iterator[errors.Violation]:
    before, after = list(old.ip_families), list(new.ip_families)
    if not before or not after:
        return
    if len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            if one != other:
                yield violations.invalid("spec.ipFamilies[0]", after, _ONCE)
        return
    if before[0] != after[0]:
        yield violations.invalid("spec.ipFamilies[0]", list(new.cluster_ips), _ONCE)
    yield from _released(new, len(before), len(after), "ipFamily")


def _released(new: Any, before: int, after: int, what: str) -> Iterator[errors.Violation]:
    """Giving up the second family must be explicit."""
    if after == 1 < before and new.ip_family_policy != "SingleStack":
        detail = f"must be set to 'SingleStack' when releasing the secondary {what}"
        value = _optional(new, "ip_family_policy")
        yield violations.invalid("spec.ipFamilyPolicy", value, detail)


def _optional(message: Any, name: str) -> Any:
    return getattr(message, name) if message.HasField(name) else None


BY_NAME: dict[str, UpdateRule] = {"service_spec": _service_spec}
