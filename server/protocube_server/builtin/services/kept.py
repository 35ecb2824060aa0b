"""A service keeps its addresses and ports, until its type has no use for them.

What an update changes itself is left alone: whether it may stand is for the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.builtin.services import types

if TYPE_CHECKING:
    from collections.abc import Callable


def _service_spec(old: Any, new: Any) -> None:
    _keep(old, new)
    if old.type in types.ADDRESSED and new.type not in types.ADDRESSED:
        if _addresses(old) == _addresses(new):
            new.ClearField("cluster_ip")
            new.ClearField("cluster_ips")
        _drop(old, new, "ip_families")
        _drop(old, new, "ip_family_policy")
    gives_up = types.needs_node_ports(old) and not types.needs_node_ports(new)
    if gives_up and _node_ports(new) <= _node_ports(old):
        for port in new.ports:
            port.ClearField("node_port")
    if types.has_health_check(old) and not types.has_health_check(new):
        _drop(old, new, "health_check_node_port")
    if old.type == "LoadBalancer" != new.type:
        _drop(old, new, "allocate_load_balancer_node_ports")
        _drop(old, new, "load_balancer_class")
    if types.is_reached_from_outside(old) and not types.is_reached_from_outside(new):
        _drop(old, new, "external_traffic_policy")


def _keep(old: Any, new: Any) -> None:
    """Return what the update leaves out."""
    if old.type in types.ADDRESSED and new.type in types.ADDRESSED:
        new.cluster_ip = new.cluster_ip or old.cluster_ip
        if not new.cluster_ips:
            new.cluster_ips.extend(old.cluster_ips)
        elif new.cluster_ip != old.cluster_ip and new.cluster_ips == old.cluster_ips:
            # Who changes the one address knows nothing of the list.
            new.cluster_ips[:] = [new.cluster_ip]
    if types.needs_node_ports(old) and types.needs_node_ports(new):
        before = {port.name: port.node_port for port in old.ports}
        taken = _node_ports(old) & _node_ports(new)
        for port in new.ports:
            kept = before.get(port.name, 0)
            if not port.node_port and kept not in taken:
                port.node_port = kept
    is_asked = types.has_health_check(old) and types.has_health_check(new)
    if is_asked and not new.health_check_node_port:
        new.health_check_node_port = old.health_check_node_port


def _drop(old: Any, new: Any, name: str) -> None:
    if getattr(old, name) == getattr(new, name):
        new.ClearField(name)


def _addresses(spec: Any) -> tuple[str, list[str]]:
    return spec.cluster_ip, list(spec.cluster_ips)


def _node_ports(spec: Any) -> set[int]:
    return {port.node_port for port in spec.ports if port.node_port}


BY_NAME: dict[str, Callable[[Any, Any], None]] = {"service_spec": _service_spec}
