"""Computed defaults of Service."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place

_OUTWARD = ("NodePort", "LoadBalancer")
_WITH_ADDRESS = ("ClusterIP", *_OUTWARD)


def _target_port(place: Place) -> None:
    """The port of the pods is the port of the service."""
    port = place.message.target_port
    if not place.message.HasField("target_port") or not (port.number_value or port.string_value):
        place.message.target_port.number_value = place.message.port


def _cluster_ips(place: Place) -> None:
    """The one address is the first of all."""
    spec = place.message
    if spec.cluster_ip and not spec.cluster_ips:
        spec.cluster_ips.append(spec.cluster_ip)


def _external_traffic_policy(place: Place) -> None:
    """What comes from outside goes to every node's pods."""
    spec = place.message
    outward = spec.type in _OUTWARD or (spec.type == "ClusterIP" and spec.external_ips)
    if outward and not spec.external_traffic_policy:
        spec.external_traffic_policy = "Cluster"


def _internal_traffic_policy(place: Place) -> None:
    """What comes from inside goes to every node's pods."""
    if place.message.type in _WITH_ADDRESS and not place.message.HasField(place.field):
        place.message.internal_traffic_policy = "Cluster"


def _allocate_load_balancer_node_ports(place: Place) -> None:
    """A load balancer reaches the service through ports of the nodes."""
    if place.message.type == "LoadBalancer" and not place.message.HasField(place.field):
        place.message.allocate_load_balancer_node_ports = True


def _session_affinity_config(place: Place) -> None:
    """Only affinity has a configuration."""
    if place.message.session_affinity == "None":
        place.message.ClearField("session_affinity_config")
    elif place.message.session_affinity == "ClientIP":
        place.message.session_affinity_config.client_ip.SetInParent()


def _ip_mode(place: Place) -> None:
    """A load balancer's address keeps the traffic's destination."""
    spec = place.root.spec
    if spec.type == "LoadBalancer" and place.message.ip and not place.message.HasField(place.field):
        place.message.ip_mode = "VIP"


BY_NAME: dict[str, Computed] = {
    "allocate_load_balancer_node_ports": _allocate_load_balancer_node_ports,
    "cluster_ips": _cluster_ips,
    "external_traffic_policy": _external_traffic_policy,
    "internal_traffic_policy": _internal_traffic_policy,
    "ip_mode": _ip_mode,
    "session_affinity_config": _session_affinity_config,
    "target_port": _target_port,
}
