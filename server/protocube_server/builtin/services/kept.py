"""A service keeps its addresses and ports, until its type has no use for them.

What an update changes itself is left alone: whether it may stand is for the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_ADDRESSED = ("ClusterIP", "NodePort", "LoadBalancer")
_OUTWARD = ("NodePort", "LoadBalancer")


def _service_spec(old: Any, new: Any) -> None:
    _keep(old, new)
    if old.type in _ADDRESSED and new.type not in _ADDRESSED:
        if (old.cluster_ip, old.cluster_ips) == (new.cluster_ip, new.cluster_ips):
            new.ClearField("cluster_ip")
            new.ClearField("cluster_ips")
        _drop(old, new, "ip_families")
        _drop(old, new, "ip_family_policy")
    if old.type in _OUTWARD and new.type not in _OUTWARD and _node_ports(old) == _node_ports(new):
        for port in new.ports:
            port.ClearField("node_port")
    if _has_health_check(old) and not _has_health_check(new):
        _drop(old, new, "health_check_node_port")
    if old.type == "LoadBalancer" != new.type:
        _drop(old, new, "allocate_load_balancer_node_ports")
        _drop(old, new, "load_balancer_class")
    if _reached_from_outside(old) and not _reached_from_outside(new):
        _drop(old, new, "external_traffic_policy")


def _keep(old: Any, new: Any) -> None:
    """Return what the update leaves out."""
    if old.type in _ADDRESSED and new.type in _ADDRESSED:
        new.cluster_ip = new.cluster_ip or old.cluster_ip
        if not new.cluster_ips:
            new.cluster_ips.extend(old.cluster_ips)
    if old.type in _OUTWARD and new.type in _OUTWARD:
        before = {port.name: port.node_port for port in old.ports}
        taken = {port.node_port for port in new.ports}
        for port in new.ports:
            kept = before.get(port.name, 0)
            if not port.node_port and kept not in taken:
                port.node_port = kept
    if _has_health_check(old) and _has_health_check(new) and not new.health_check_node_port:
        new.health_check_node_port = old.health_check_node_port


def _drop(old: Any, new: Any, name: str) -> None:
    if getattr(old, name) == getattr(new, name):
        new.ClearField(name)


def _node_ports(spec: Any) -> list[int]:
    return sorted(port.node_port for port in spec.ports)


def _has_health_check(spec: Any) -> bool:
    return bool(spec.type == "LoadBalancer" and spec.external_traffic_policy == "Local")


def _reached_from_outside(spec: Any) -> bool:
    return spec.type in _OUTWARD or (spec.type == "ClusterIP" and bool(spec.external_ips))


BY_NAME: dict[str, Callable[[Any, Any], None]] = {"service_spec": _service_spec}
