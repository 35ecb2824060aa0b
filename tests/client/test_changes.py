"""The Python client changes parts of objects: patches, numbers of replicas, statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

import pytest

from protocube import errors
from protocube.apps.v1.deployment_pb2 import Deployment
from protocube.autoscaling.v1.scale_pb2 import Scale
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import Client, Connection, update_with_retry
from protocube_client.options import ScaleApplyOptions

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_client.connection.connection import Answer


@pytest.fixture
async def client(server: str) -> AsyncGenerator[Client, None]:
    """Provide a client of the shared server."""
    async with Client(server) as client:
        yield client


@pytest.fixture
async def web(client: Client, namespace: str) -> Deployment:
    """Provide a Deployment of two replicas that exists."""
    item = Deployment(metadata=ObjectMeta(name="web", namespace=namespace))
    item.spec.replicas = 2
    item.spec.selector.match_labels["app"] = "web"
    item.spec.template.metadata.labels["app"] = "web"
    for name in ("one", "two"):
        item.spec.template.spec.containers.add(name=name, image=f"{name}:1")
    return await client.create(item)


def images(item: Deployment) -> dict[str, str]:
    """Return the image of each container."""
    return {each.name: each.image for each in item.spec.template.spec.containers}


async def test_a_strategic_patch_is_the_default(client: Client, web: Deployment) -> None:
    """Lists merge by key, whether the patch is text or data."""
    named = {"name": "one", "image": "one:2"}
    patched = await client.patch(
        Deployment,
        "web",
        {"spec": {"template": {"spec": {"containers": [named]}}}},
        namespace=web.metadata.namespace,
    )
    assert_type(patched, Deployment)
    assert images(patched) == {"one": "one:2", "two": "two:1"}
    text = '{"spec":{"template":{"spec":{"containers":[{"name":"two","$patch":"delete"}]}}}}'
    again = await client.patch(Deployment, "web", text, namespace=web.metadata.namespace)
    assert images(again) == {"one": "one:2"}


async def test_a_patch_has_the_type_that_is_named(client: Client, web: Deployment) -> None:
    """A merge patch replaces lists, a JSON patch carries out operations."""
    namespace = web.metadata.namespace
    only = {"spec": {"template": {"spec": {"containers": [{"name": "x", "image": "x:1"}]}}}}
    merged = await client.patch(Deployment, "web", only, type="merge", namespace=namespace)
    assert images(merged) == {"x": "x:1"}
    change = [{"op": "replace", "path": "/spec/replicas", "value": 5}]
    replaced = await client.patch(Deployment, "web", change, type="json", namespace=namespace)
    assert replaced.spec.replicas == 5


async def test_fields_of_a_message_are_taken(client: Client, web: Deployment) -> None:
    """The named ones, and those that it has not set are cleared."""
    wanted = Deployment(metadata=ObjectMeta(labels={"a": "b"}))
    wanted.spec.replicas = 7
    patched = await client.patch(
        Deployment, "web", wanted, fields=["metadata.labels"], namespace=web.metadata.namespace
    )
    assert (patched.spec.replicas, dict(patched.metadata.labels)) == (2, {"a": "b"})
    cleared = await client.patch(
        Deployment,
        "web",
        Deployment(),
        fields=["metadata.labels"],
        namespace=web.metadata.namespace,
    )
    assert not cleared.metadata.labels


async def test_a_version_in_a_patch_is_a_condition(client: Client, web: Deployment) -> None:
    """Of a patch that is text as of one that is a message."""
    stale = {"metadata": {"resourceVersion": "1"}}
    with pytest.raises(errors.Conflict):
        await client.patch(Deployment, "web", stale, namespace=web.metadata.namespace)
    item = Deployment(metadata=ObjectMeta(resource_version="1"))
    with pytest.raises(errors.Conflict):
        await client.patch(
            Deployment, "web", item, fields=["spec.replicas"], namespace=web.metadata.namespace
        )


async def test_a_status_is_patched_alone(client: Client, web: Deployment) -> None:
    """What else the patch says is left out; a kind without a status has no such patch."""
    change = {"spec": {"replicas": 9}, "status": {"replicas": 2}}
    patched = await client.patch(
        Deployment, "web", change, subresource="status", namespace=web.metadata.namespace
    )
    assert (patched.spec.replicas, patched.status.replicas) == (2, 2)
    with pytest.raises(errors.ApiError):
        await client.patch(
            ConfigMap, "none", {}, subresource="status", namespace=web.metadata.namespace
        )


async def test_replicas_are_read_and_set(client: Client, web: Deployment) -> None:
    """By number whatever they are, and by a Scale that was read as long as it is the newest."""
    namespace = web.metadata.namespace
    read = await client.get_scale(Deployment, "web", namespace=namespace)
    assert_type(read, Scale)
    assert read.spec.replicas == 2
    assert (await client.scale(Deployment, "web", 0, namespace=namespace)).spec.replicas == 0
    read.spec.replicas = 4
    with pytest.raises(errors.Conflict):
        await client.scale(Deployment, "web", read, namespace=namespace)
    fresh = await client.get_scale("deployments", "web", namespace=namespace)
    fresh.spec.replicas = 4
    assert (await client.scale(Deployment, "web", fresh)).spec.replicas == 4
    change = {"spec": {"replicas": 6}}
    patched = await client.patch(
        Deployment, "web", change, subresource="scale", namespace=namespace
    )
    assert_type(patched, Scale)
    assert (await client.get(Deployment, "web", namespace=namespace)).spec.replicas == 6
    with pytest.raises(errors.Invalid):
        await client.scale(Deployment, "web", -1, namespace=namespace)
    with pytest.raises(errors.MethodNotSupported):
        await client.get_scale(ConfigMap, "web", namespace=namespace)


async def test_a_manager_owns_a_number_of_replicas(client: Client, web: Deployment) -> None:
    """Others are asked before it changes, and zero can be applied."""
    own, other = (
        ScaleApplyOptions(namespace=web.metadata.namespace, field_manager=manager)
        for manager in ("own", "other")
    )
    with pytest.raises(errors.Conflict):
        await client.apply_scale(Deployment, "web", 5, **own)
    own["force"] = True
    applied = await client.apply_scale(Deployment, "web", 0, **own)
    assert_type(applied, Scale)
    assert applied.spec.replicas == 0
    await client.apply_scale(Deployment, "web", 0, **other)
    assert (await client.apply_scale("deploy", "web", None, **other)).spec.replicas == 0


async def test_wishes_are_applied(server: str, namespace: str) -> None:
    """A manager owns what it has applied, and gives up what it does not want any more."""
    async with Client(server, field_manager="one") as client:
        item = ConfigMap(metadata=ObjectMeta(name="web", namespace=namespace))
        item.data.update({"a": "1", "b": "1"})
        made = await client.apply(item)
        assert_type(made, ConfigMap)
        assert dict(made.data) == {"a": "1", "b": "1"}
        del item.data["b"]
        assert dict((await client.apply(item)).data) == {"a": "1"}
    text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: "2", c: ""}\n'
    async with Client(server, field_manager="two") as client:
        with pytest.raises(errors.Conflict, match="one"):
            await client.apply_manifest(ConfigMap, "web", text, namespace=namespace)
        forced = await client.apply_manifest(
            ConfigMap, "web", text, namespace=namespace, force=True
        )
        assert_type(forced, ConfigMap)
        assert dict(forced.data) == {"a": "2", "c": ""}


async def test_a_status_is_updated_with_retry(client: Client, web: Deployment) -> None:
    """The status is written, and what else was changed in place is not."""

    def change(item: Deployment) -> None:
        item.status.replicas = 3
        item.spec.replicas = 3

    written = await update_with_retry(
        client,
        Deployment,
        "web",
        change,
        namespace=web.metadata.namespace,
        subresource="status",
    )
    assert (written.status.replicas, written.spec.replicas) == (3, 2)


class Noting(Connection):
    """A connection that keeps what is sent."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.sent: list[bytes] = []

    async def call(self, method: str, request: bytes, **options: Any) -> Answer:
        """Send ``request`` and keep it."""
        self.sent.append(request)
        return await super().call(method, request, **options)


async def test_a_manager_is_named_once(server: str, web: Deployment) -> None:
    """Every write of a client carries its manager, unless the call names another one."""
    namespace = web.metadata.namespace
    async with Noting(server) as connection:
        client = Client(connection, field_manager="the-operator")
        read = await client.get(Deployment, "web", namespace=namespace)
        read = await client.update(read)
        await client.update_status(read)
        await client.patch(Deployment, "web", {}, namespace=namespace)
        await client.scale(Deployment, "web", 3, namespace=namespace)
        sent = connection.sent
        assert [b"the-operator" in body for body in sent] == [False, True, True, True, True]
        await client.patch(Deployment, "web", {}, namespace=namespace, field_manager="another")
        assert b"another" in sent[-1]
        assert b"the-operator" not in sent[-1]
