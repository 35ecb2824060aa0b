"""What the type of a Service asks for."""

from __future__ import annotations

from typing import Any, Final

OUTWARD: Final = ("NodePort", "LoadBalancer")
ADDRESSED: Final = ("ClusterIP", *OUTWARD)
"""Those with addresses, or at least with families of them."""
HEADLESS: Final = "None"
"""The address of a service that has none."""


def is_headless(spec: Any) -> bool:
    """Tell whether a service is only a name."""
    return list(spec.cluster_ips) == [HEADLESS]


def needs_node_ports(spec: Any) -> bool:
    """Tell whether each port of a service needs a port of the nodes."""
    if spec.type == "LoadBalancer" and spec.HasField("allocate_load_balancer_node_ports"):
        return bool(spec.allocate_load_balancer_node_ports)
    return spec.type in OUTWARD


def has_health_check(spec: Any) -> bool:
    """Tell whether a load balancer asks each node if it has a pod."""
    return bool(spec.type == "LoadBalancer" and spec.external_traffic_policy == "Local")


def is_reached_from_outside(spec: Any) -> bool:
    """Tell whether what is outside of the cluster can reach a service."""
    return spec.type in OUTWARD or (spec.type == "ClusterIP" and bool(spec.external_ips))
