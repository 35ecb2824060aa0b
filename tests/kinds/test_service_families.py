"""Which families of addresses a Service gets."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from google.protobuf import json_format

from protocube import errors
from protocube.core.v1.service_pb2 import Service
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.named.allocation import Claim, Pool, Ranges

ALLOCATION = FUNCTIONS.allocations["service"]
SINGLE = Ranges()
DUAL = Ranges(networks=(ipaddress.IPv4Network("10.0.0.0/24"), ipaddress.IPv6Network("fd00::/112")))
_V4, _V6 = "10.0.0.5", "fd00::5"


def service(**spec: Any) -> Any:
    """Return a service of a type, with one port."""
    spec = {"type": "ClusterIP", "ports": [{"port": 80}], **spec}
    return json_format.ParseDict({"metadata": {"name": "s"}, "spec": spec}, Service())


def settled(message: Any, ranges: Ranges = SINGLE, old: Any = None) -> tuple[str, list[str]]:
    """Return the policy and the families that a service gets."""
    ALLOCATION.settle(old, message, ranges)
    return message.spec.ip_family_policy, list(message.spec.ip_families)


@pytest.mark.parametrize(
    ("spec", "ranges", "expected"),
    [
        ({}, SINGLE, ("SingleStack", ["IPv4"])),
        ({}, DUAL, ("SingleStack", ["IPv4"])),
        ({"ipFamilyPolicy": "PreferDualStack"}, SINGLE, ("PreferDualStack", ["IPv4"])),
        ({"ipFamilyPolicy": "PreferDualStack"}, DUAL, ("PreferDualStack", ["IPv4", "IPv6"])),
        (
            {"ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv6"]},
            DUAL,
            ("RequireDualStack", ["IPv6", "IPv4"]),
        ),
        ({"ipFamilies": ["IPv6"]}, DUAL, ("SingleStack", ["IPv6"])),
        ({"clusterIP": _V6}, DUAL, ("SingleStack", ["IPv6"])),
        ({"clusterIP": "None", "selector": {"a": "b"}}, SINGLE, ("SingleStack", ["IPv4"])),
        ({"clusterIP": "None"}, SINGLE, ("RequireDualStack", ["IPv4", "IPv6"])),
        (
            {"clusterIP": "None", "ipFamilyPolicy": "SingleStack"},
            SINGLE,
            ("SingleStack", ["IPv4"]),
        ),
        ({"type": "ExternalName", "externalName": "a.b"}, DUAL, ("", [])),
    ],
)
def test_a_new_one(spec: dict[str, Any], ranges: Ranges, expected: tuple[str, list[str]]) -> None:
    """It has what it asks for, and of the main family what it does not say."""
    assert settled(service(**spec), ranges) == expected


@pytest.mark.parametrize(
    ("spec", "ranges", "field", "detail"),
    [
        (
            {"ipFamilyPolicy": "RequireDualStack"},
            SINGLE,
            "spec.ipFamilyPolicy",
            "this cluster is not configured for dual-stack services",
        ),
        ({"ipFamilies": ["IPv6"]}, SINGLE, "spec.ipFamilies[0]", "not configured on this cluster"),
        (
            {"clusterIP": _V6},
            SINGLE,
            "spec.clusterIPs[0]",
            "IPv6 is not configured on this cluster",
        ),
        (
            {"clusterIP": _V4, "clusterIPs": [_V4, _V6], "ipFamilyPolicy": "SingleStack"},
            DUAL,
            "spec.ipFamilyPolicy",
            (
                "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are "
                "specified"
            ),
        ),
        (
            {"ipFamilies": ["IPv4", "IPv6"]},
            DUAL,
            "spec.ipFamilyPolicy",
            (
                "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are "
                "specified"
            ),
        ),
    ],
)
def test_what_there_is_not(spec: dict[str, Any], ranges: Ranges, field: str, detail: str) -> None:
    """What the ranges cannot give is refused where it is asked for."""
    with pytest.raises(errors.Invalid) as caught:
        settled(service(**spec), ranges)
    (fault,) = caught.value.violations
    assert (fault.field, fault.message.endswith(detail)) == (field, True), fault


_TWO = {
    "clusterIP": _V4,
    "clusterIPs": [_V4, _V6],
    "ipFamilies": ["IPv4", "IPv6"],
    "ipFamilyPolicy": "RequireDualStack",
}
_ONE = {"clusterIP": _V4, "clusterIPs": [_V4], "ipFamilies": ["IPv4"]}


def test_an_update_gives_up_the_second_family() -> None:
    """The policy says so, and the rest may stay as it was."""
    new = service(**{**_TWO, "ipFamilyPolicy": "SingleStack"})
    assert settled(new, DUAL, service(**_TWO)) == ("SingleStack", ["IPv4"])
    assert list(new.spec.cluster_ips) == [_V4]


def test_an_update_does_not_lose_the_second_family() -> None:
    """Who leaves it out must say so by the policy."""
    new = service(**{**_ONE, "ipFamilyPolicy": "RequireDualStack"})
    with pytest.raises(errors.Invalid) as caught:
        settled(new, DUAL, service(**_TWO))
    assert [fault.message.rpartition(": ")[2] for fault in caught.value.violations] == [
        "must be 'SingleStack' to release the secondary cluster IP",
        "must be 'SingleStack' to release the secondary IP family",
    ]


def test_an_update_asks_for_a_second_family() -> None:
    """The address of the first one stays."""
    old = service(**{**_ONE, "ipFamilyPolicy": "SingleStack"})
    new = service(**{**_ONE, "ipFamilyPolicy": "RequireDualStack"})
    assert settled(new, DUAL, old) == ("RequireDualStack", ["IPv4", "IPv6"])
    (need,) = ALLOCATION.needs(old, new)
    assert need.pool is Pool.IPV6
    need.give(_V6)
    assert list(new.spec.cluster_ips) == [_V4, _V6]
    assert new.spec.cluster_ip == _V4


def test_a_preference_adds_nothing_later() -> None:
    """A second range that the operator adds is not given to services that are there."""
    spec = {**_ONE, "ipFamilyPolicy": "PreferDualStack"}
    new = service(**spec)
    assert settled(new, DUAL, service(**spec)) == ("PreferDualStack", ["IPv4"])
    assert not list(ALLOCATION.needs(service(**spec), new))


def test_a_service_of_an_earlier_release() -> None:
    """It has no families, and those of its address are what it means."""
    old = service(clusterIP=_V4, clusterIPs=[_V4])
    assert settled(service(clusterIP=_V4, clusterIPs=[_V4]), DUAL, old) == (
        "SingleStack",
        ["IPv4"],
    )


def test_what_an_earlier_release_took_may_stay() -> None:
    """Two families on a server with one: nothing is said of them while they are left alone."""
    two = {**_TWO, "ports": [{"port": 80}]}
    new = service(**two)
    new.spec.ports[0].port = 81
    assert settled(new, SINGLE, service(**two)) == ("RequireDualStack", ["IPv4", "IPv6"])
    del new.spec.ip_families[:]
    new.spec.ClearField("ip_family_policy")
    assert settled(new, SINGLE, service(**two)) == ("RequireDualStack", ["IPv4", "IPv6"])
    bare = service(ipFamilyPolicy="RequireDualStack")
    assert settled(service(ipFamilyPolicy="RequireDualStack"), SINGLE, bare)[1] == []
    with pytest.raises(errors.Invalid):
        settled(service(**{**two, "ipFamilyPolicy": "PreferDualStack"}), SINGLE, service(**two))
    headless = {"clusterIP": "None", "clusterIPs": ["None"]}
    both = {"ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "RequireDualStack"}
    new = service(**headless, **both, selector={"a": "b"})
    with pytest.raises(errors.Invalid):
        settled(new, SINGLE, service(**headless, **both))


def test_what_makes_no_sense_is_for_the_rules() -> None:
    """Addresses and families that contradict each other stay as they are."""
    new = service(clusterIP=_V4, clusterIPs=[_V6], ipFamilies=["IPv9"])
    assert settled(new, DUAL) == ("SingleStack", ["IPv9"])


def test_ports_of_one_number_share_one_of_the_nodes() -> None:
    """Of a new service; the protocols do not stand in each other's way."""
    ports = [
        {"name": "t", "port": 53, "protocol": "TCP"},
        {"name": "u", "port": 53, "protocol": "UDP", "nodePort": 30053},
        {"name": "a", "port": 80, "protocol": "TCP"},
        {"name": "b", "port": 80, "protocol": "UDP"},
    ]
    new = service(type="NodePort", ports=ports, clusterIP=_V4)
    settled(new)
    assert [port.node_port for port in new.spec.ports] == [30053, 30053, 0, 0]
    (need,) = ALLOCATION.needs(None, new)
    need.give("30080")
    assert [port.node_port for port in new.spec.ports] == [30053, 30053, 30080, 30080]
    assert set(ALLOCATION.claims(new)) == {
        Claim(Pool.IPV4, _V4),
        Claim(Pool.NODE_PORTS, "30053"),
        Claim(Pool.NODE_PORTS, "30080"),
    }
    need.give("")
    assert [port.node_port for port in new.spec.ports] == [30053, 30053, 0, 0]


def test_a_load_balancer_may_do_without_ports_of_the_nodes() -> None:
    """It has those that it asks for, and the one for its health all the same."""
    new = service(
        type="LoadBalancer",
        externalTrafficPolicy="Local",
        allocateLoadBalancerNodePorts=False,
        clusterIP=_V4,
    )
    settled(new)
    (need,) = ALLOCATION.needs(None, new)
    need.give("30001")
    assert new.spec.health_check_node_port == 30001
    assert not new.spec.ports[0].node_port


def test_an_address_is_the_same_however_it_is_written() -> None:
    """Its key is the canonical form, so that it cannot be had twice."""
    new = service(clusterIP="FD00:0::5", clusterIPs=["FD00:0::5"])
    assert set(ALLOCATION.claims(new)) == {Claim(Pool.IPV6, "fd00::5")}
