"""The range of addresses of a store, and what ``store check`` says of who has which."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.core.v1.service_pb2 import Service
from protocube_server.kinds.named.allocation import Ranges
from protocube_server.storage import url as urls
from tests.server.store_commands import run

if TYPE_CHECKING:
    from protocube_server.settings import Settings
    from tests.server.conftest import Serve

_FIRST = ipaddress.IPv4Network("10.1.0.0/24")
_OTHER = ipaddress.IPv4Network("10.2.0.0/24")
_PORT = b'{"group":"","resource":"services","namespace":"default","name":"gone"}'
_SIX = ipaddress.IPv6Network("fd00::/112")


async def test_the_range_belongs_to_the_store(serve: Serve) -> None:
    """Another one is refused at the start; a second family is added to the first."""
    async with serve(ranges=Ranges(networks=(_FIRST,))) as api:
        found = await api.get("servicecidrs", "kubernetes")
        assert list(found.spec.cidrs) == ["10.1.0.0/24"]
        assert [each.type for each in found.status.conditions] == ["Ready"]
    with pytest.raises(errors.BadRequest, match=r"addresses from 10\.1\.0\.0/24 .* not from 10\.2"):
        async with serve(ranges=Ranges(networks=(_OTHER,))):
            pass
    for _ in range(2):
        async with serve(ranges=Ranges(networks=(_FIRST, _SIX))) as api:
            found = await api.get("servicecidrs", "kubernetes")
            assert list(found.spec.cidrs) == ["10.1.0.0/24", "fd00::/112"]
            policy = {"ipFamilyPolicy": "RequireDualStack", "ports": [{"port": 80}]}
            made = await api.create(api.make("services", "s", spec=policy))
            assert [":" in text for text in made.spec.cluster_ips] == [False, True]
            await api.delete("services", "s")
    with pytest.raises(errors.BadRequest, match="give --service-cluster-ip-range as it was"):
        async with serve(ranges=Ranges(networks=(_SIX, _FIRST))):
            pass


async def test_a_damaged_range_keeps_no_server_from_starting(
    serve: Serve, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named, can be deleted, and is made anew at the next start."""
    async with serve(ranges=Ranges(networks=(_FIRST,))):
        pass
    opened = await urls.open_store(settings.store)
    key = f"{opened.prefix}/servicecidrs.networking.k8s.io/kubernetes".encode()
    record = await opened.store.get(key)
    assert record is not None
    await opened.store.update(key, b"\xff\xff", expected=record.mod_revision)
    await opened.store.close()
    async with serve(ranges=Ranges(networks=(_FIRST,))) as api:
        assert "servicecidrs.networking.k8s.io/kubernetes is damaged" in caplog.text
        assert "Services get addresses from 10.1.0.0/24" in caplog.text
        made = await api.create(api.make("services", "s", spec={"ports": [{"port": 80}]}))
        assert ipaddress.ip_address(made.spec.cluster_ip) in _FIRST
        await api.delete("servicecidrs", "kubernetes", ignore_store_read_error=True)
    async with serve(ranges=Ranges(networks=(_FIRST,))) as api:
        found = await api.get("servicecidrs", "kubernetes")
        assert list(found.spec.cidrs) == ["10.1.0.0/24"]


def _service(name: str, address: str, port: int = 0) -> bytes:
    item = Service(api_version="v1", kind="Service")
    item.metadata.name, item.metadata.namespace = name, "default"
    item.spec.type = "NodePort" if port else "ClusterIP"
    item.spec.cluster_ip = address
    item.spec.cluster_ips.append(address)
    item.spec.ports.add(port=80, node_port=port)
    return item.SerializeToString(deterministic=True)


def test_what_is_sound_is_not_named(serve: Serve, settings: Settings) -> None:
    """Services that the server made have what is kept for them."""

    async def make() -> None:
        async with serve() as api:
            spec = {"type": "NodePort", "ports": [{"port": 80}]}
            await api.create(api.make("services", "s", spec=spec))
            await api.create(api.make("services", "t", spec={"ports": [{"port": 80}]}))
            parent = {"group": "example.com", "resource": "hosts", "name": "h"}
            await api.create(api.make("ipaddresses", "192.0.2.1", spec={"parentRef": parent}))

    asyncio.run(make())
    result = run("check", "--store", settings.store)
    assert result.exit_code == 0, result.output
    assert "allocated" not in result.output


def test_what_is_wrong_is_named(serve: Serve, settings: Settings) -> None:
    """What several services have, what is left over, what is another's, and what is in no range."""

    async def make() -> None:
        async with serve() as api:
            for name, address in (("gone", "10.0.0.7"), ("lost", "10.0.0.8")):
                spec = {"clusterIP": address, "ports": [{"port": 80}]}
                await api.create(api.make("services", name, spec=spec))
        opened = await urls.open_store(settings.store)
        for name in ("gone", "lost"):
            await opened.store.delete(f"{opened.prefix}/services/default/{name}".encode())
        values = {
            "services/default/thief": _service("thief", "10.0.0.8"),
            "services/default/one": _service("one", "10.0.0.9", 30009),
            "services/default/two": _service("two", "10.0.0.9"),
            "services/default/far": _service("far", "192.0.2.1"),
            "~system/allocations/node-ports/30010": _PORT,
            "~system/allocations/node-ports/30011": b"damaged",
        }
        for name, value in values.items():
            await opened.store.create(f"{opened.prefix}/{name}".encode(), value)
        await opened.store.close()

    asyncio.run(make())
    result = run("check", "--store", settings.store)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    several = "was assigned to multiple services; please recreate service"
    both = "services default/one, services default/two"
    outside = "is not within any configured Service CIDR; please recreate service"
    assert sorted(line for line in lines if line.startswith("wrong: ")) == [
        f"wrong: Cluster IP [IPv4]: 10.0.0.9 {several} ({both})",
        "wrong: IPAddress: 10.0.0.7 for services default/gone appears to have leaked",
        "wrong: IPAddress: 10.0.0.8 for services default/thief has a wrong reference",
        "wrong: the node port 30010 for services default/gone appears to have leaked",
        "wrong: ~system/allocations/node-ports/30011 does not tell whose it is",
    ]
    assert f"Cluster IP [IPv4]: 192.0.2.1 {outside} (services default/far)" in lines
    missing = sorted(line for line in lines if "is not allocated" in line)
    assert [line.partition(";")[0] for line in missing] == [
        "Cluster IP [IPv4]: 10.0.0.9 is not allocated",
        "Cluster IP [IPv4]: 192.0.2.1 is not allocated",
        "Port 30009 is not allocated",
    ]
