"""Services are given addresses and ports of the nodes, each of them once."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.kinds.named.allocation import Ranges
from protocube_server.storage import keys
from protocube_server.storage.etcd import EtcdStore
from tests import bare_server, etcd_process
from tests.server.caller import Caller

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import Serve
    from tests.server.repeating import Served

PORTS = keys.system("/registry", keys.Area.ALLOCATIONS, "node-ports") + b"/"
_PORT = {"port": 80}


def service(api: Caller, name: str, **spec: Any) -> Any:
    """Return a service with one port."""
    return api.make("services", name, spec={"ports": [_PORT], **spec})


async def make(api: Caller, name: str, **spec: Any) -> Any:
    """Create a service with one port."""
    return await api.create(service(api, name, **spec))


async def addresses(api: Caller) -> dict[str, str]:
    """Return the addresses that are in use, each with the service that has it."""
    found = await api.list("ipaddresses")
    return {item.metadata.name: item.spec.parent_ref.name for item in found.items}


async def ports(served: Served) -> set[int]:
    """Return the ports of the nodes that are in use."""
    found = await served.store.list(PORTS)
    return {int(keys.split(record.key)[1]) for record in found.records}


def addresses_of(*services: Any) -> dict[str, str]:
    """Return the addresses that services have."""
    return {text: item.metadata.name for item in services for text in item.spec.cluster_ips}


def ports_of(*services: Any) -> set[int]:
    """Return the ports of the nodes that services have."""
    found = {port.node_port for item in services for port in item.spec.ports}
    return (found | {item.spec.health_check_node_port for item in services}) - {0}


async def test_each_service_has_an_address(served: Served) -> None:
    """It is kept who has which, and with the service that goes, too."""
    api = served.caller
    made = [await make(api, f"s-{number}") for number in range(3)]
    assert await addresses(api) == addresses_of(*made)
    assert len(addresses_of(*made)) == 3
    (first,) = [item for item in (await api.list("ip")).items if item.spec.parent_ref.name == "s-0"]
    assert first.metadata.labels["ipaddress.kubernetes.io/ip-family"] == "IPv4"
    assert first.metadata.labels["ipaddress.kubernetes.io/managed-by"] == "ipallocator.k8s.io"
    await api.delete("services", "s-0")
    assert await addresses(api) == addresses_of(*made[1:])
    await api.delete_collection("services", namespace="default")
    assert not await addresses(api)


async def test_ports_of_the_nodes_come_and_go(served: Served) -> None:
    """With the type that needs them, the check of health included."""
    api = served.caller
    made = await make(api, "s", type="LoadBalancer", externalTrafficPolicy="Local")
    assert len(ports_of(made)) == 2
    assert await ports(served) == ports_of(made)
    made.spec.type = "ClusterIP"
    left = await api.update(made)
    assert not ports_of(left)
    assert not await ports(served)
    assert await addresses(api) == addresses_of(made) == addresses_of(left)
    left.spec.type = "NodePort"
    again = await api.update(left)
    assert await ports(served) == ports_of(again)
    assert len(ports_of(again)) == 1
    again.spec.type, again.spec.external_name = "ExternalName", "example.com"
    await api.update(again)
    assert not await ports(served)
    assert not await addresses(api)


async def test_what_is_asked_for_is_given_once(served: Served) -> None:
    """Of many at once one gets the address, and the others are told why not."""
    api = served.caller
    asked = {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}
    for what, fault in (
        ({"clusterIP": "10.0.0.9"}, "failed to allocate IP 10.0.0.9: provided IP is already"),
        (asked, "spec.ports[0].nodePort: Invalid value: 30080: provided port is already"),
    ):
        names = [f"s-{len(what)}-{number}" for number in range(6)]
        calls = (make(api, name, **what) for name in names)
        found = await asyncio.gather(*calls, return_exceptions=True)
        assert Counter(type(each).__name__ for each in found) == {"Service": 1, "Invalid": 5}
        assert all(fault in str(each) for each in found if isinstance(each, Exception))


async def test_what_cannot_be_given_is_refused(api: Caller) -> None:
    """An address of no range, one that means the whole range, and a port outside."""
    for spec, fault in (
        (
            {"clusterIP": "192.0.2.1"},
            (
                "failed to allocate IP 192.0.2.1: the provided network does not match the current "
                "range"
            ),
        ),
        (
            {"clusterIP": "10.0.255.255"},
            (
                "the provided IP (10.0.255.255) is not in the valid range. The range of valid "
                "IPs is 10.0.0.0/16"
            ),
        ),
        (
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]},
            (
                "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid "
                "range. The range of valid ports is 30000-32767"
            ),
        ),
    ):
        with pytest.raises(errors.Invalid) as caught:
            await make(api, "s", **spec)
        assert fault in str(caught.value)
    assert not await addresses(api)


async def test_a_full_range(serve: Serve) -> None:
    """The last address is found, and then it is said that there are none."""
    ranges = Ranges(networks=(ipaddress.IPv4Network("10.1.0.0/27"),), ports=range(30000, 30004))
    async with serve(ranges=ranges) as api:
        made = await asyncio.gather(*(make(api, f"s-{number}") for number in range(30)))
        assert len(addresses_of(*made)) == 30
        with pytest.raises(errors.Internal, match="failed to allocate a serviceIP: range is full"):
            await make(api, "more")
        await make(api, "n", type="ExternalName", externalName="a.b")
        await api.delete("services", "s-7")
        again = await make(api, "again", type="NodePort")
        assert addresses_of(again).keys() == addresses_of(made[7]).keys()
        for number in range(3):
            await api.delete("services", f"s-{number}")
            await make(api, f"p-{number}", type="NodePort")
        await api.delete("services", "s-3")
        with pytest.raises(errors.Internal, match="failed to allocate a nodePort: range is full"):
            await make(api, "p", type="NodePort")
        # What was chosen before that has not been taken.
        await make(api, "last")


async def test_another_range_is_used_when_the_first_is_full(serve: Serve) -> None:
    """A ServiceCIDR adds addresses, unless it says that it is not ready."""
    ranges = Ranges(networks=(ipaddress.IPv4Network("10.1.0.0/30"),))
    async with serve(ranges=ranges) as api:
        for number in range(2):
            await make(api, f"s-{number}")
        more = await api.create(api.make("servicecidrs", "more", spec={"cidrs": ["10.2.0.0/30"]}))
        asked = await make(api, "asked", clusterIP="10.2.0.2")
        given = await make(api, "given")
        assert addresses_of(asked, given).keys() == {"10.2.0.1", "10.2.0.2"}
        await api.delete("services", "given")
        condition = more.status.conditions.add(type="Ready", status="False", reason="Down")
        condition.last_transition_time.GetCurrentTime()
        await api.write("UpdateStatus", more)
        with pytest.raises(errors.Internal, match="range is full"):
            await make(api, "given")


async def test_a_dry_run_takes_nothing(served: Served) -> None:
    """Its answer has what could be given, and can be created."""
    api = served.caller
    shown = await api.create(service(api, "s", type="NodePort"), dry_run=True)
    assert shown.spec.cluster_ip
    assert ports_of(shown)
    assert not await addresses(api)
    assert not await ports(served)
    made = await make(api, "s")
    made.spec.type = "NodePort"
    assert ports_of(await api.update(made, dry_run=True))
    assert not await ports(served)
    await api.delete("services", "s", dry_run=True)
    assert await addresses(api) == addresses_of(made)
    again = api.make("services", "t")
    again.spec.CopyFrom(shown.spec)
    assert ports_of(await api.create(again)) == ports_of(shown)


async def test_a_refused_service_takes_nothing(served: Served) -> None:
    """Neither by the rules, nor because there is one of the name, nor without a namespace."""
    api = served.caller
    made = await make(api, "s", type="NodePort")
    with pytest.raises(errors.AlreadyExists):
        await make(api, "s", type="NodePort")
    with pytest.raises(errors.Invalid):
        await make(api, "t", type="NodePort", sessionAffinity="Never")
    elsewhere = {"name": "t", "namespace": "none"}
    with pytest.raises(errors.NotFound):
        await api.create(api.make("services", metadata=elsewhere, spec={"ports": [_PORT]}))
    assert await addresses(api) == addresses_of(made)
    assert await ports(served) == ports_of(made)


async def test_an_update_keeps_what_it_leaves_out(served: Served) -> None:
    """The manifest that made it can be written again, by an update, a patch and an apply."""
    api = served.caller
    made = await make(api, "s", type="NodePort")
    again = await api.update(service(api, "s", type="NodePort"))
    assert again == made
    labelled = await api.patch("services", "s", merge_patch={"metadata": {"labels": {"a": "b"}}})
    assert labelled.spec == made.spec
    wanted = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "s"},
        "spec": {"type": "NodePort", "ports": [{"port": 80, "name": "http"}]},
    }
    applied = await api.apply(wanted, force=True)
    assert addresses_of(applied) == addresses_of(made)
    assert await addresses(api) == addresses_of(made)


async def test_what_is_given_is_nobodys(served: Served) -> None:
    """An owner has what it wrote; a type that it changes brings ports that it did not write."""
    api = served.caller
    made = await make(api, "s")
    shown = await api.get("services", "s", include_managed_fields=True)
    (owner,) = shown.metadata.managed_fields
    spec = owner.fields_v1["f:spec"]
    assert not {"f:clusterIP", "f:clusterIPs", "f:ipFamilies", "f:ipFamilyPolicy"} & set(spec)
    made.spec.type = "NodePort"
    shown = await api.update(made, field_manager="other", include_managed_fields=True)
    for owner in shown.metadata.managed_fields:
        assert "nodePort" not in str(owner.fields_v1)
    asked = {"clusterIP": "10.0.0.7", "ipFamilies": ["IPv4"]}
    await make(api, "t", **asked)
    shown = await api.get("services", "t", include_managed_fields=True)
    (owner,) = shown.metadata.managed_fields
    spec = owner.fields_v1["f:spec"]
    assert {"f:clusterIP", "f:ipFamilies"} <= set(spec)
    assert "f:ipFamilyPolicy" not in spec


async def test_a_repeated_call_is_answered_as_the_first(served: Served) -> None:
    """A request id holds for what is given, too: it is written in the same set."""
    api = served.caller
    made = await api.create(service(api, "s", type="NodePort"), request_id="one")
    assert await api.create(service(api, "s", type="NodePort"), request_id="one") == made
    assert await addresses(api) == addresses_of(made)


async def test_one_that_waits_for_a_finalizer_keeps_its_address(served: Served) -> None:
    """It goes back when the service does."""
    api = served.caller
    metadata = {"name": "s", "finalizers": ["example.com/f"]}
    made = await api.create(api.make("services", metadata=metadata, spec={"ports": [_PORT]}))
    await api.delete("services", "s")
    assert await addresses(api) == addresses_of(made)
    await api.patch("services", "s", merge_patch={"metadata": {"finalizers": None}})
    assert not await addresses(api)


async def test_the_end_of_a_namespace_gives_back(served: Served) -> None:
    """All that its services had."""
    api = served.caller
    await api.create(api.make("ns", "x"))
    metadata = {"name": "s", "namespace": "x"}
    await api.create(
        api.make("services", metadata=metadata, spec={"ports": [_PORT], "type": "NodePort"})
    )
    await api.delete("ns", "x")
    await api.until_gone("ns", "x")
    assert not await addresses(api)
    assert not await ports(served)


async def test_a_service_of_an_earlier_release_gets_its_own(served: Served) -> None:
    """Its next update gives it an address, or keeps the one that it has for it."""
    api = served.caller
    kind = served.api.editions.current.kinds.for_message("protocube.core.v1.Service")
    assert kind is not None
    for name, spec in (("bare", {}), ("named", {"clusterIP": "10.0.0.8"})):
        await make(api, name, **spec)
        key = kind.key("default", name)
        record = await served.store.get(key)
        assert record is not None
        message = kind.read(record)
        for text in message.spec.cluster_ips:
            await api.delete("ipaddresses", text)
        message.spec.ClearField("ip_families")
        message.spec.ClearField("ip_family_policy")
        if not spec:
            message.spec.ClearField("cluster_ip")
            message.spec.ClearField("cluster_ips")
        await served.store.update(key, kind.encode(message), expected=record.mod_revision)
        patch = {"metadata": {"labels": {"a": "b"}}}
        found = await api.patch("services", name, merge_patch=patch)
        assert list(found.spec.ip_families) == ["IPv4"]
        assert name in (await addresses(api)).values()


async def test_what_is_left_over_can_be_asked_for(served: Served) -> None:
    """An address that is kept for a service that is not there does not stand in the way."""
    api = served.caller
    made = await make(api, "s", type="NodePort", clusterIP="10.0.0.9")
    kind = served.api.editions.current.kinds.for_message("protocube.core.v1.Service")
    assert kind is not None
    await served.store.delete(kind.key("default", "s"))
    (port,) = ports_of(made)
    again = await make(
        api, "t", type="NodePort", clusterIP="10.0.0.9", ports=[{"port": 80, "nodePort": port}]
    )
    assert await addresses(api) == addresses_of(again)
    assert await ports(served) == {port}


@pytest.mark.etcd
async def test_a_store_without_sets(tmp_path: Path) -> None:
    """Services have what they ask for there, and are written and deleted all the same."""
    with etcd_process.running(tmp_path / "etcd") as etcd:
        store = await EtcdStore.open([etcd.endpoint], nested=False)
        async with (
            bare_server.served(await bare_server.api_over(store), store="etcd") as server,
            Caller(server.address, Catalog.shipped()) as api,
        ):
            asked = {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}
            made = await make(api, "s", clusterIP="10.0.0.9", **asked)
            assert addresses_of(made).keys() == {"10.0.0.9"}
            assert ports_of(made) == {30080}
            bare = await make(api, "t", type="NodePort")
            assert list(bare.spec.ip_families) == ["IPv4"]
            assert not addresses_of(bare)
            assert not ports_of(bare)
            bare.spec.type = "ClusterIP"
            await api.update(bare)
            for name in ("s", "t"):
                await api.delete("services", name)
            assert not await addresses(api)
        await store.close()


async def test_an_address_has_a_canonical_name(api: Caller) -> None:
    """An IPAddress of another name is none."""
    parent = {"resource": "services", "name": "s", "namespace": "default"}
    for name, fault in (
        ("a", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
        ("FD00::1", 'must be in canonical form ("fd00::1")'),
        ("::ffff:10.0.0.1", "must not be an IPv4-mapped IPv6 address"),
    ):
        with pytest.raises(errors.Invalid) as caught:
            await api.create(api.make("ipaddresses", name, spec={"parentRef": parent}))
        assert fault in str(caught.value)
    made = await api.create(api.make("ipaddresses", "fd00::1", spec={"parentRef": parent}))
    made.spec.parent_ref.name = "t"
    with pytest.raises(errors.Invalid, match="field is immutable"):
        await api.update(made)


async def test_a_range_can_get_a_second_family(api: Caller) -> None:
    """Nothing else of it can change."""
    made = await api.create(api.make("servicecidrs", "a", spec={"cidrs": ["10.2.0.0/24"]}))
    made.spec.cidrs.append("fd00::/112")
    made = await api.update(made)
    made.spec.cidrs[0] = "10.3.0.0/24"
    with pytest.raises(errors.Invalid, match=r"spec\.cidrs\[0\]: .*: field is immutable"):
        await api.update(made)
    del made.spec.cidrs[:]
    with pytest.raises(errors.Invalid, match=r"spec\.cidrs: .*: field is immutable"):
        await api.update(made)
