"""Computed defaults of Service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.builtin.services import types

if TYPE_CHECKING:
    from protocube_server.kinds.named.place import Computed, Place


_PORTS = ("number_value", "string_value", "null_value")
"""The kinds of a Value with which a port can say nothing."""


def _target_port(place: Place) -> None:
    """The port of the pods is the port of the service."""
    # What is neither a number nor a text is for the rules, which refuse it.
    port = place.message.target_port
    kind = port.WhichOneof("kind") or "null_value"
    if kind in _PORTS and not getattr(port, kind):
        port.number_value = place.message.port


def _external_traffic_policy(place: Place) -> None:
    """What comes from outside goes to every node's pods."""
    spec = place.message
    if types.is_reached_from_outside(spec) and not spec.external_traffic_policy:
        spec.external_traffic_policy = "Cluster"


def _internal_traffic_policy(place: Place) -> None:
    """What comes from inside goes to every node's pods."""
    if place.message.type in types.ADDRESSED and not place.message.HasField(place.field):
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
    "external_traffic_policy": _external_traffic_policy,
    "internal_traffic_policy": _internal_traffic_policy,
    "ip_mode": _ip_mode,
    "session_affinity_config": _session_affinity_config,
    "target_port": _target_port,
}
