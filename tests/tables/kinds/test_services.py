"""Cells of Services, Endpoints and EndpointSlices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import cells

BALANCED = {
    "loadBalancer": {
        "ingress": [
            {"hostname": "a-long-name.elb.example.com"},
            {"ip": "192.0.2.2", "hostname": "unused.example.com"},
            {"ip": "192.0.2.2"},
        ]
    }
}


@pytest.mark.parametrize(
    ("spec", "status", "expected"),
    [
        ({"type": "ClusterIP"}, {}, "<none>"),
        (
            {"type": "ClusterIP", "externalIPs": ["192.0.2.1", "192.0.2.3"]},
            {},
            "192.0.2.1,192.0.2.3",
        ),
        ({"type": "NodePort"}, BALANCED, "<none>"),
        ({"type": "NodePort", "externalIPs": ["192.0.2.1"]}, {}, "192.0.2.1"),
        ({"type": "LoadBalancer"}, {}, "<pending>"),
        ({"type": "LoadBalancer", "externalIPs": ["192.0.2.1"]}, {}, "192.0.2.1"),
        ({"type": "LoadBalancer"}, BALANCED, "192.0.2.2,a-long-name.elb.example.com"),
        (
            {"type": "LoadBalancer", "externalIPs": ["192.0.2.1"]},
            BALANCED,
            "192.0.2.2,a-long-name.elb.example.com,192.0.2.1",
        ),
        ({"type": "ExternalName", "externalName": "db.example.com"}, {}, "db.example.com"),
        ({}, {}, "<unknown>"),
    ],
)
def test_the_type_says_where_external_addresses_come_from(
    spec: dict[str, Any], status: dict[str, Any], expected: str
) -> None:
    """A balancer's addresses are sorted, listed once and never cut."""
    manifest = {"spec": spec, "status": status}
    assert cells("services", manifest, ["EXTERNAL-IP"]) == {"EXTERNAL-IP": expected}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, {"CLUSTER-IP": "<none>", "PORT(S)": "<none>", "SELECTOR": "<none>"}),
        ({"clusterIP": "None"}, {"CLUSTER-IP": "None"}),
        (
            {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1", "fd00::1"]},
            {"CLUSTER-IP": "10.0.0.1"},
        ),
        (
            {
                "ports": [
                    {"port": 80, "nodePort": 30080, "protocol": "TCP"},
                    {"port": 53, "protocol": "UDP"},
                ],
                "selector": {"tier": "web", "app": "shop"},
            },
            {"PORT(S)": "80:30080/TCP,53/UDP", "SELECTOR": "app=shop,tier=web"},
        ),
    ],
)
def test_a_service(spec: dict[str, Any], expected: dict[str, str]) -> None:
    """Ports show the node's port, where there is one."""
    assert cells("services", {"spec": spec}, expected) == expected


def addresses(*ips: str) -> list[dict[str, str]]:
    """Return endpoint addresses."""
    return [{"ip": ip} for ip in ips]


@pytest.mark.parametrize(
    ("subsets", "expected"),
    [
        ([], "<none>"),
        ([{"notReadyAddresses": addresses("10.0.0.1"), "ports": [{"port": 80}]}], ""),
        ([{"addresses": addresses("10.0.0.1", "10.0.0.2")}], "10.0.0.1,10.0.0.2"),
        (
            [{"addresses": addresses("10.0.0.1", "fd00::1"), "ports": [{"port": 80}]}],
            "10.0.0.1:80,[fd00::1]:80",
        ),
        (
            [
                {
                    "addresses": addresses("10.0.0.1", "10.0.0.2"),
                    "ports": [{"port": 80}, {"port": 443}],
                },
                {"addresses": addresses("10.0.0.3")},
            ],
            "10.0.0.1:80,10.0.0.2:80,10.0.0.1:443 + 2 more...",
        ),
    ],
)
def test_endpoints_show_what_is_ready(subsets: list[dict[str, Any]], expected: str) -> None:
    """Each port of a subset goes with each of its addresses; three are shown."""
    assert cells("endpoints", {"subsets": subsets}, ["ENDPOINTS"]) == {"ENDPOINTS": expected}


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ({}, {"PORTS": "<unset>", "ENDPOINTS": "<unset>"}),
        (
            {
                "ports": [{"port": 80, "name": "http"}, {"name": "any"}, {}],
                "endpoints": [{"addresses": ["10.0.0.1", "10.0.0.2"]}, {"addresses": ["10.0.0.3"]}],
            },
            {"PORTS": "80,any,*", "ENDPOINTS": "10.0.0.1,10.0.0.2,10.0.0.3"},
        ),
        (
            {
                "ports": [{"port": port} for port in range(80, 85)],
                "endpoints": [{"addresses": [f"10.0.0.{last}"]} for last in range(1, 5)],
            },
            {
                "PORTS": "80,81,82 + 2 more...",
                "ENDPOINTS": "10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...",
            },
        ),
    ],
)
def test_an_endpoint_slice(manifest: dict[str, Any], expected: dict[str, str]) -> None:
    """A port is shown by its number, else by its name; three of each are shown."""
    assert cells("endpointslices", manifest, expected) == expected
