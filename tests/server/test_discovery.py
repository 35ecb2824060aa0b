"""Discovery: what this server serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import protocube
from protocube import errors, machine
from protocube.catalog import Catalog
from protocube.discovery.v1 import discovery_pb2

if TYPE_CHECKING:
    from tests.server.caller import Caller

_SERVICE = "/protocube.discovery.v1.Discovery"


async def resources(api: Caller, **fields: Any) -> list[discovery_pb2.ResourceInfo]:
    """Ask for the resources."""
    request = discovery_pb2.ListResourcesRequest(**fields)
    reply = await api.send(f"{_SERVICE}/ListResources", request.SerializeToString())
    return list(discovery_pb2.ListResourcesResponse.FromString(reply.body).resources)


async def descriptors(api: Caller, *symbols: str) -> list[Any]:
    """Ask for descriptors."""
    request = discovery_pb2.GetDescriptorsRequest(symbols=symbols)
    reply = await api.send(f"{_SERVICE}/GetDescriptors", request.SerializeToString())
    answer = discovery_pb2.GetDescriptorsResponse.FromString(reply.body)
    return list(answer.file_descriptor_set.file)


async def test_names_the_server(api: Caller) -> None:
    """Version, store, interpreter and platform, for bug reports."""
    reply = await api.send(f"{_SERVICE}/GetServerInfo", b"")
    info = discovery_pb2.GetServerInfoResponse.FromString(reply.body)
    assert info.version == protocube.__version__
    assert info.store == "sqlite"
    assert info.python_version
    assert info.platform == machine.platform_name()


async def test_lists_what_is_served(api: Caller) -> None:
    """Each resource comes with its names filled in and the methods that exist."""
    found = {item.message: item for item in await resources(api)}
    assert list(found) == [resource.message for resource in api.catalog.resources]
    pod = found["protocube.core.v1.Pod"]
    assert (pod.group, pod.version, pod.kind) == ("", "v1", "Pod")
    assert pod.resource.singular == "pod"
    assert "UpdateStatus" in pod.methods
    assert "UpdateStatus" not in found["protocube.core.v1.ConfigMap"].methods
    for item in found.values():
        for method in item.methods:
            assert item.service in {resource.service for resource in api.catalog.resources}
            assert method in {"Create", "Get", "List", "Watch", "Delete", "DeleteCollection",
                              "Update", "UpdateStatus", "Patch", "Apply", "GetScale",
                              "UpdateScale", "PatchScale", "ApplyScale", "Finalize", "Evict",
                              "Bind", "CreateToken"}  # fmt: skip


async def test_lists_one_group(api: Caller) -> None:
    """A group is asked for by name; the core group's name is empty."""
    assert {item.group for item in await resources(api, group="apps")} == {"apps"}
    assert "Deployment" in {item.kind for item in await resources(api, group="apps")}
    assert "Deployment" not in {item.kind for item in await resources(api, group="")}
    assert await resources(api, group="nope") == []


async def test_gives_descriptors_that_make_the_same_catalog(api: Caller) -> None:
    """A client that knows no kind builds all of them from the answer, in the order given."""
    built = Catalog(await descriptors(api))
    assert [item.message for item in built.resources] == [
        item.message for item in api.catalog.resources
    ]


async def test_gives_the_descriptors_of_symbols(api: Caller) -> None:
    """Files come after those they import, and no others come."""
    found = await descriptors(api, "protocube.core.v1.ConfigMap")
    names = [file.name for file in found]
    assert names[-1] == api.resource("cm").descriptor.file.name
    assert "protocube/core/v1/pod.proto" not in names
    for index, file in enumerate(found):
        assert set(file.dependency) <= set(names[:index])


async def test_does_not_know_what_is_not_there(api: Caller) -> None:
    """An unknown symbol is named."""
    with pytest.raises(errors.NotFound, match=r'^no descriptor for "no.such.Thing"$'):
        await descriptors(api, "no.such.Thing")
