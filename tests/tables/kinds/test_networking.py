"""Cells of Ingresses, IngressClasses, NetworkPolicies, IPAddresses and ServiceCIDRs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import cells


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ([], "*"),
        ([""], "*"),
        (["a.example", "", "b.example"], "a.example,b.example"),
        (["a", "b", "c"], "a,b,c"),
        (["a", "b", "c", "d", "e"], "a,b,c + 2 more..."),
        (["", "a", "b", "c"], "a,b,c"),
        (["a", "", "b", "c", ""], "a,b,c + 2 more..."),
    ],
)
def test_an_ingress_shows_three_hosts(hosts: list[str], expected: str) -> None:
    """More are counted as kubectl does, which takes three from the number of rules."""
    manifest = {"spec": {"rules": [{"host": host} for host in hosts]}}
    assert cells("ingresses", manifest, ["HOSTS"]) == {"HOSTS": expected}


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ({}, {"CLASS": "<none>", "ADDRESS": "", "PORTS": "80"}),
        (
            {
                "spec": {"ingressClassName": "nginx", "tls": [{"hosts": ["a"]}]},
                "status": {
                    "loadBalancer": {
                        "ingress": [{"hostname": "lb.example.com"}, {"ip": "192.0.2.1"}]
                    }
                },
            },
            {"CLASS": "nginx", "ADDRESS": "192.0.2.1,lb.example.com", "PORTS": "80, 443"},
        ),
    ],
)
def test_an_ingress(manifest: dict[str, Any], expected: dict[str, str]) -> None:
    """The second port is there for TLS; addresses are sorted."""
    assert cells("ingresses", manifest, expected) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, "<none>"),
        ({"parameters": {"kind": "ConfigMap", "name": "a"}}, "ConfigMap/a"),
        ({"parameters": {"apiGroup": "x.io", "kind": "Own", "name": "a"}}, "Own.x.io/a"),
    ],
)
def test_the_parameters_of_an_ingress_class(spec: dict[str, Any], expected: str) -> None:
    """The group is shown where there is one."""
    assert cells("ingressclasses", {"spec": spec}, ["PARAMETERS"]) == {"PARAMETERS": expected}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [({}, "<none>"), ({"matchLabels": {"b": "2", "a": "1"}}, "a=1,b=2")],
)
def test_a_network_policy(selector: dict[str, Any], expected: str) -> None:
    """The selector of all pods is shown as none."""
    manifest = {"spec": {"podSelector": selector}}
    assert cells("networkpolicies", manifest, ["POD-SELECTOR"]) == {"POD-SELECTOR": expected}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, "<none>"),
        ({"parentRef": {"resource": "services", "namespace": "a", "name": "b"}}, "services/a/b"),
        ({"parentRef": {"group": "x.io", "resource": "Hosts", "name": "b"}}, "hosts.x.io/b"),
    ],
)
def test_the_parent_of_an_address(spec: dict[str, Any], expected: str) -> None:
    """The group follows the plural; what has no namespace is shown without one."""
    assert cells("ipaddresses", {"spec": spec}, ["PARENTREF"]) == {"PARENTREF": expected}


def test_the_ranges_of_addresses() -> None:
    """They are in one cell."""
    manifest = {"spec": {"cidrs": ["10.0.0.0/16", "fd00::/112"]}}
    assert cells("servicecidrs", manifest, ["CIDRS"]) == {"CIDRS": "10.0.0.0/16,fd00::/112"}
