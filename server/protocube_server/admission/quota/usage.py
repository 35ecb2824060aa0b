"""What one object uses of what quotas limit.

Source: ``k8s.io/kubernetes/pkg/quota/v1/evaluator/core``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from protocube.manifests import quantities
from protocube_server.admission.plugins import pod_amounts
from protocube_server.admission.plugins.plugin import CLAIM, POD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protocube_server.admission.plugins.pod_amounts import Amounts
    from protocube_server.kinds.kind import Kind

SERVICE: Final = "protocube.core.v1.Service"
_PLAIN: Final = frozenset(("configmaps", "resourcequotas", "replicationcontrollers", "secrets"))
"""Kinds of the core group that are counted by their plural, too."""
_COMPUTE: Final = ("cpu", "memory", "ephemeral-storage")
_REQUIRED: Final = ("cpu", "memory")
_HUGE: Final = "hugepages-"
_CLASS: Final = ".storageclass.storage.k8s.io/"
_CLAIM_CLASS: Final = "volume.beta.kubernetes.io/storage-class"
_ENDED: Final = ("Failed", "Succeeded")
_ONE: Final = Fraction(1)


def of(kind: Kind, message: Any) -> Amounts:
    """Return what an object uses, by the names that quotas have for it."""
    resource = kind.resource
    found: Amounts = {count_of(kind): _ONE}
    if resource.message == POD:
        found |= _of_pod(message)
    elif resource.message == SERVICE:
        found |= _of_service(message.spec)
    elif resource.message == CLAIM:
        found |= _of_claim(message)
    elif not resource.group and resource.plural in _PLAIN:
        found[resource.plural] = _ONE
    return found


def count_of(kind: Kind) -> str:
    """Return the name under which the objects of a kind are counted: ``count/deployments.apps``."""
    return f"count/{kind.resource.qualified}"


def limits(kind: Kind, names: Iterable[str]) -> list[str]:
    """Return those of the limited resources that objects of a kind use."""
    return [name for name in names if _is_of(kind, name)]


def missing(names: Iterable[str], pod: Any) -> str:
    """Return what a pod must say and does not: ``cpu for: c; limits.memory for: c,d``.

    A quota on processors or memory asks that of every container.
    """
    wanted = {name for name in names if _base(name) in _REQUIRED}
    lacking: dict[str, set[str]] = {}
    for container in (*pod.spec.containers, *pod.spec.init_containers):
        has = set(_of_amounts(dict(container.resources.requests), dict(container.resources.limits)))
        for name in wanted - has:
            lacking.setdefault(name, set()).add(container.name)
    return "; ".join(f"{name} for: {','.join(sorted(lacking[name]))}" for name in sorted(lacking))


def text(name: str, amount: Fraction) -> str:
    """Return an amount as a quantity: bytes count in powers of two."""
    is_bytes = any(word in name for word in ("memory", "storage", _HUGE)) and "/" not in name
    return quantities.text(amount, binary=is_bytes or name.endswith("/requests.storage"))


def _of_pod(pod: Any) -> Amounts:
    if pod.status.phase in _ENDED:
        return {}
    requests, most = pod_amounts.requests(pod.spec), pod_amounts.limits(pod.spec)
    return {"pods": _ONE, **_of_amounts(requests, most)}


def _of_amounts(requests: Mapping[str, Any], most: Mapping[str, Any]) -> dict[str, Any]:
    """Return amounts by the names that quotas have for those of containers."""
    found = {}
    for name, amount in requests.items():
        if name in _COMPUTE or name.startswith(_HUGE):
            found[name] = found[f"requests.{name}"] = amount
        elif "/" in name:
            found[f"requests.{name}"] = amount
    found |= {f"limits.{name}": amount for name, amount in most.items() if name in _COMPUTE}
    return found


def _of_service(spec: Any) -> Amounts:
    found = {"services": _ONE}
    ports = len(spec.ports)
    if spec.type == "LoadBalancer":
        found["services.loadbalancers"] = _ONE
        gives = not spec.HasField("allocate_load_balancer_node_ports")
        if not (gives or spec.allocate_load_balancer_node_ports):
            ports = sum(1 for port in spec.ports if port.node_port)
    if spec.type in ("LoadBalancer", "NodePort"):
        found["services.nodeports"] = Fraction(ports)
    return found


def _of_claim(claim: Any) -> Amounts:
    found = {"persistentvolumeclaims": _ONE}
    name = claim.metadata.annotations.get(_CLAIM_CLASS) or claim.spec.storage_class_name
    storage = pod_amounts.of(claim.spec.resources.requests).get("storage")
    if storage is not None:
        found["requests.storage"] = storage
    if name:
        found[f"{name}{_CLASS}persistentvolumeclaims"] = _ONE
        if storage is not None:
            found[f"{name}{_CLASS}requests.storage"] = storage
    return found


def _is_of(kind: Kind, name: str) -> bool:
    resource = kind.resource
    if name == count_of(kind):
        return True
    if resource.message == POD:
        base = _base(name)
        is_extended = name.startswith("requests.") and "/" in base and _CLASS not in name
        return name == "pods" or base in _COMPUTE or base.startswith(_HUGE) or is_extended
    if resource.message == SERVICE:
        return name == "services" or name.startswith("services.")
    if resource.message == CLAIM:
        return name in ("persistentvolumeclaims", "requests.storage") or _CLASS in name
    return not resource.group and name == resource.plural and name in _PLAIN


def _base(name: str) -> str:
    return name.removeprefix("requests.").removeprefix("limits.")
