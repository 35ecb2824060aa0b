"""The pages of Services, Ingresses and NetworkPolicies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.tables import labels
from protocube.tables.kinds import balancers, missing, shortened
from protocube_client.cli.describing.page import local, number_or_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_client.cli.commands.describe.around import Around
    from protocube_client.cli.describing.page import Page

_MOST_ENDPOINTS = 3
_OF_SERVICE = "kubernetes.io/service-name"


async def service(page: Page, item: Any, around: Around) -> None:
    """Write addresses, ports and the endpoints behind each."""
    spec = item.spec
    slices = await _slices(around, item.metadata.name, item.metadata.namespace)
    page.head(item.metadata)
    page.field("Selector", labels.text(spec.selector))
    page.field("Type", spec.type)
    if spec.ip_family_policy:
        page.field("IP Family Policy", spec.ip_family_policy)
    page.field("IP Families", ",".join(spec.ip_families) or missing.NONE)
    page.field("IP", spec.cluster_ip)
    page.field("IPs", ",".join(spec.cluster_ips) or missing.NONE)
    ingress = ", ".join(map(_ingress, item.status.load_balancer.ingress))
    for name, value in (
        ("External IPs", ",".join(spec.external_ips)),
        ("Desired LoadBalancer IP", spec.load_balancer_ip),
        ("External Name", spec.external_name),
        ("LoadBalancer Ingress", ingress),
    ):
        if value:
            page.field(name, value)
    for port in spec.ports:
        name = port.name or missing.UNSET
        page.row(("Port:", name, f"{port.port}/{port.protocol}"))
        page.field("TargetPort", f"{number_or_text(port.target_port)}/{port.protocol}")
        if port.node_port:
            page.row(("NodePort:", name, f"{port.node_port}/{port.protocol}"))
        page.field("Endpoints", _endpoints(slices, port.name))
    page.field("Session Affinity", spec.session_affinity)
    for name, value in (
        ("External Traffic Policy", spec.external_traffic_policy),
        ("Internal Traffic Policy", spec.internal_traffic_policy),
        ("HealthCheck NodePort", spec.health_check_node_port),
        ("LoadBalancer Source Ranges", ",".join(spec.load_balancer_source_ranges)),
    ):
        if value:
            page.field(name, value)


async def ingress(page: Page, item: Any, around: Around) -> None:
    """Write hosts and paths, and the Services behind them."""
    metadata, spec = item.metadata, item.spec
    page.field("Name", metadata.name)
    page.labels("Labels", metadata.labels)
    page.field("Namespace", metadata.namespace)
    page.field("Address", balancers.addresses(item.status.load_balancer))
    page.field("Ingress Class", spec.ingress_class_name or missing.NONE)
    default = "<default>"
    if spec.HasField("default_backend"):
        default = await _backend(spec.default_backend, metadata.namespace, around)
    page.field("Default backend", default)
    if spec.tls:
        page.line("TLS:")
    for entry in spec.tls:
        how = f"{entry.secret_name} terminates" if entry.secret_name else "SNI routes"
        page.line(f"{how} {','.join(entry.hosts)}", 1)
    page.line("Rules:")
    page.table(("Host", "Path", "Backends"), ())
    rules = [rule for rule in spec.rules if rule.HasField("http")]
    # Many paths lead to few backends.
    backends: dict[bytes, str] = {}
    for rule in rules:
        page.row((rule.host or "*", ""), 1)
        for path in rule.http.paths:
            which = path.backend.SerializeToString(deterministic=True)
            if which not in backends:
                backends[which] = await _backend(path.backend, metadata.namespace, around)
            page.row(("", f"{path.path} ", backends[which]), 2)
    if not rules:
        page.row(("*", "*", default), 1)
    page.annotations("Annotations", metadata.annotations)


async def network_policy(page: Page, item: Any, _around: Around) -> None:
    """Write who may reach the chosen pods, and whom they may."""
    metadata, spec = item.metadata, item.spec
    page.field("Name", metadata.name)
    page.field("Namespace", metadata.namespace)
    page.field("Created on", local(metadata.creation_timestamp).strftime("%Y-%m-%d %H:%M:%S %z %Z"))
    page.labels("Labels", metadata.labels)
    page.annotations("Annotations", metadata.annotations)
    page.line("Spec:")
    chosen = labels.selector(spec.pod_selector)
    if chosen == missing.NONE:
        chosen += " (Allowing the specific traffic to all pods in this namespace)"
    page.line(f"PodSelector:     {chosen}", 1)
    for way, word, rules in (
        ("ingress", "From", [(rule.ports, getattr(rule, "from")) for rule in spec.ingress]),
        ("egress", "To", [(rule.ports, rule.to) for rule in spec.egress]),
    ):
        if way.capitalize() in spec.policy_types:
            page.line(f"Allowing {way} traffic:", 1)
            for line in _rules(rules, way, word):
                page.line(f"    {line}")
        else:
            page.line(f"Not affecting {way} traffic", 1)
    page.line(f"Policy Types: {', '.join(spec.policy_types) or missing.NONE}", 1)


def _rules(rules: list[Any], way: str, word: str) -> Iterator[str]:
    if not rules:
        yield f"{missing.NONE} (Selected pods are isolated for {way} connectivity)"
    for number, (ports, peers) in enumerate(rules):
        if number:
            yield "-" * 10
        for port in ports:
            protocol = port.protocol or "TCP"
            first = number_or_text(port.port) if port.HasField("port") else "<nil>"
            if port.HasField("end_port"):
                yield f"To Port Range: {first}-{port.end_port}/{protocol}"
            else:
                yield f"To Port: {first}/{protocol}"
        if not ports:
            yield "To Port: <any> (traffic allowed to all ports)"
        for peer in peers:
            yield f"{word}:"
            yield from _peer(peer)
        if not peers:
            other = "source" if word == "From" else "destination"
            yield f"{word}: <any> (traffic not restricted by {other})"


def _peer(peer: Any) -> Iterator[str]:
    if peer.HasField("namespace_selector"):
        yield f"  NamespaceSelector: {labels.selector(peer.namespace_selector)}"
    if peer.HasField("pod_selector"):
        yield f"  PodSelector: {labels.selector(peer.pod_selector)}"
    elif peer.HasField("ip_block") and not peer.HasField("namespace_selector"):
        yield "  IPBlock:"
        yield f"    CIDR: {peer.ip_block.cidr}"
        yield f"    Except: {', '.join(getattr(peer.ip_block, 'except'))}"


def _ingress(way: Any) -> str:
    mode = f" ({way.ip_mode})" if way.ip_mode else ""
    return f"{way.ip}{mode}" if way.ip else str(way.hostname)


async def _backend(backend: Any, namespace: str, around: Around) -> str:
    if backend.HasField("resource"):
        found = backend.resource
        group = found.api_group if found.HasField("api_group") else missing.NONE
        return f"APIGroup: {group}, Kind: {found.kind}, Name: {found.name}"
    name, port = backend.service.name, backend.service.port
    text = f"{name}:{port.number or port.name}"
    try:
        behind = await around.find("services", name, namespace)
    except errors.ApiError as error:
        return f"{text} (<error: {error}>)"
    names = [
        each.name
        for each in behind.spec.ports
        if (port.number and each.port == port.number) or (port.name and each.name == port.name)
    ]
    slices = await _slices(around, name, namespace)
    return f"{text} ({_endpoints(slices, names[-1] if names else '')})"


async def _slices(around: Around, name: str, namespace: str) -> list[Any]:
    return await around.all_of(
        "endpointslices.discovery.k8s.io", namespace, labels=f"{_OF_SERVICE}={name}"
    )


def _endpoints(slices: list[Any], port_name: str) -> str:
    """Return the first addresses that are ready, each with the port of a name."""
    if not slices:
        return missing.NONE
    return shortened.joined(list(_ready(slices, port_name)), most=_MOST_ENDPOINTS)


def _ready(slices: list[Any], port_name: str) -> Iterator[str]:
    for found in slices:
        ports = [port.port for port in found.ports if port.name == port_name]
        for port in ports if found.ports else [None]:
            for endpoint in found.endpoints:
                conditions = endpoint.conditions
                if conditions.HasField("ready") and not conditions.ready:
                    continue
                address = endpoint.addresses[0]
                host = f"[{address}]" if ":" in address else address
                yield address if port is None else f"{host}:{port}"
