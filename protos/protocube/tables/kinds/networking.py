"""Cells of Ingresses, their classes, NetworkPolicies, addresses and their ranges."""

from __future__ import annotations

from typing import Any

from protocube.tables import labels
from protocube.tables.kinds import balancers, missing

_MOST_HOSTS = 3


def hosts(ingress: Any, _now: float) -> str:
    """Return the first hosts of the rules.

    kubectl counts each rule behind the third host, and takes three from the number of rules,
    even where rules have no host.
    """
    rules = ingress.spec.rules
    named = [place for place, rule in enumerate(rules) if rule.host][:_MOST_HOSTS]
    text = ",".join(rules[place].host for place in named) or "*"
    has_more = len(named) == _MOST_HOSTS and named[-1] + 1 < len(rules)
    return f"{text} + {len(rules) - _MOST_HOSTS} more..." if has_more else text


def address(ingress: Any, _now: float) -> str:
    """Return where requests are taken."""
    return balancers.addresses(ingress.status.load_balancer)


def ports(ingress: Any, _now: float) -> str:
    """Return the ports, which an Ingress does not choose."""
    return "80, 443" if ingress.spec.tls else "80"


def class_parameters(ingress_class: Any, _now: float) -> str:
    """Return the object with more settings as ``Kind.group/name``."""
    if not ingress_class.spec.HasField("parameters"):
        return missing.NONE
    found = ingress_class.spec.parameters
    kind = f"{found.kind}.{found.api_group}" if found.HasField("api_group") else found.kind
    return f"{kind}/{found.name}"


def pod_selector(policy: Any, _now: float) -> str:
    """Return which pods a NetworkPolicy is for."""
    return labels.selector(policy.spec.pod_selector)


def ip_address_parent(address: Any, _now: float) -> str:
    """Return who uses an address, as ``plural.group/namespace/name``."""
    if not address.spec.HasField("parent_ref"):
        return missing.NONE
    parent = address.spec.parent_ref
    resource = f"{parent.resource}.{parent.group}" if parent.group else parent.resource
    return "/".join(filter(None, (resource.lower(), parent.namespace, parent.name)))


def service_cidrs(ranges: Any, _now: float) -> str:
    """Return the ranges."""
    return ",".join(ranges.spec.cidrs)
