"""Cells of Services and of what lists their endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables.kinds import balancers, missing, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_ENDPOINTS = 3


def cluster_ip(service: Any, _now: float) -> str:
    """Return the first address inside the cluster; ``None`` is that of a headless service."""
    spec = service.spec
    return str(next(iter(spec.cluster_ips), spec.cluster_ip)) or missing.NONE


def external_ip(service: Any, _now: float) -> str:
    """Return the addresses outside the cluster, which come from elsewhere for each type."""
    spec = service.spec
    if spec.type == "ExternalName":
        return str(spec.external_name)
    if spec.type in {"ClusterIP", "NodePort"}:
        return ",".join(spec.external_ips) or missing.NONE
    if spec.type != "LoadBalancer":
        return missing.UNKNOWN
    balanced = balancers.addresses(service.status.load_balancer)
    return ",".join(filter(None, (balanced, *spec.external_ips))) or "<pending>"


def ports(service: Any, _now: float) -> str:
    """Return the ports as ``80/TCP``, or ``80:30080/TCP`` with one on every node."""
    return ",".join(map(_port, service.spec.ports)) or missing.NONE


def endpoints(item: Any, _now: float) -> str:
    """Return the first addresses that are ready, each with each port of its subset."""
    if not item.subsets:
        return missing.NONE
    return shortened.joined(list(_ready_addresses(item)), most=_MOST_ENDPOINTS)


def slice_ports(item: Any, _now: float) -> str:
    """Return the first port numbers of an EndpointSlice; ``*`` is every port."""
    found = [_slice_port(port) for port in item.ports]
    return shortened.joined(found, most=_MOST_ENDPOINTS) or missing.UNSET


def slice_endpoints(item: Any, _now: float) -> str:
    """Return the first addresses of an EndpointSlice, ready or not."""
    found = [address for endpoint in item.endpoints for address in endpoint.addresses]
    return shortened.joined(found, most=_MOST_ENDPOINTS) or missing.UNSET


def _port(port: Any) -> str:
    node_port = f":{port.node_port}" if port.node_port else ""
    return f"{port.port}{node_port}/{port.protocol}"


def _ready_addresses(item: Any) -> Iterator[str]:
    for subset in item.subsets:
        if not subset.ports:
            yield from (address.ip for address in subset.addresses)
        for port in subset.ports:
            yield from (f"{_host(address.ip)}:{port.port}" for address in subset.addresses)


def _host(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def _slice_port(port: Any) -> str:
    if port.HasField("port"):
        return str(port.port)
    return str(port.name) if port.HasField("name") else "*"
