"""The Python client against a real server: typed calls, lists, errors."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any, assert_type

import pytest
from google.protobuf.message import Message

import protocube_client
from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.pod_pb2 import Pod
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import (
    Client,
    Connection,
    Listing,
    Page,
    Plaintext,
    update_with_retry,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@pytest.fixture
async def client(server: str) -> AsyncGenerator[Client, None]:
    """Provide a client of the shared server."""
    async with Client(server) as client:
        yield client


def config_map(name: str, namespace: str, **labels: str) -> ConfigMap:
    """Return a ConfigMap to create."""
    metadata = ObjectMeta(name=name, namespace=namespace, labels=labels)
    return ConfigMap(api_version="v1", kind="ConfigMap", metadata=metadata, data={"k": "v"})


def test_what_is_public_can_be_imported() -> None:
    """Each name of ``__all__`` is there, and nothing else is public by accident."""
    for name in protocube_client.__all__:
        assert getattr(protocube_client, name).__name__ == name
    assert set(protocube_client._HOMES) == set(protocube_client.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = protocube_client.Nothing


async def test_what_the_client_takes_and_gives_is_public(server: str, namespace: str) -> None:
    """A connection, how it is secured, and the pages of a list are named without a submodule."""
    async with Connection(server, transport=Plaintext()) as connection:
        client = Client(connection)
        await client.create(config_map("web", namespace))
        async with aclosing(client.pages(ConfigMap, namespace=namespace)) as pages:
            found = [page async for page in pages]
    assert_type(found, list[Page[ConfigMap]])
    assert [item.metadata.name for page in found for item in page.items] == ["web"]


async def test_an_object_keeps_the_class_of_the_caller(client: Client, namespace: str) -> None:
    """Create, get, update and delete give the message class that they are called with."""
    created = await client.create(config_map("web", namespace))
    assert_type(created, ConfigMap)
    assert type(created) is ConfigMap
    assert created.metadata.uid
    read = await client.get(ConfigMap, "web", namespace=namespace)
    assert_type(read, ConfigMap)
    assert read == created
    read.data["k"] = "w"
    updated = await client.update(read)
    assert updated.data["k"] == "w"
    assert updated.metadata.resource_version != created.metadata.resource_version
    deleted = await client.delete(ConfigMap, "web", namespace=namespace)
    assert deleted.metadata.uid == created.metadata.uid
    with pytest.raises(errors.NotFound):
        await client.get(ConfigMap, "web", namespace=namespace)


async def test_a_kind_can_be_named(client: Client, namespace: str) -> None:
    """With a plural, singular or short name the catalog's own class is given."""
    await client.create(config_map("web", namespace))
    for word in ("configmaps", "ConfigMap", "cm"):
        read = await client.get(word, "web", namespace=namespace)
        assert_type(read, Message)
        assert read.DESCRIPTOR.full_name == "protocube.core.v1.ConfigMap"
    with pytest.raises(errors.NotFound, match='resource type "widgets"'):
        await client.get("widgets", "web")


async def test_an_object_of_the_catalogs_class_can_be_written(
    client: Client, namespace: str
) -> None:
    """What was read by name can be written back."""
    await client.create(config_map("web", namespace))
    read = await client.get("cm", "web", namespace=namespace)
    changed = ConfigMap.FromString(read.SerializeToString())
    changed.data["k"] = "w"
    written = await client.update(type(read).FromString(changed.SerializeToString()))
    assert type(written) is type(read)


async def test_a_list_hides_its_pages(client: Client, namespace: str) -> None:
    """All objects arrive in order and at one revision, however small the pages are."""
    for number in range(5):
        await client.create(config_map(f"c{number}", namespace, parity=str(number % 2)))
    listing = await client.list(ConfigMap, namespace=namespace, page_size=2)
    assert_type(listing, Listing[ConfigMap])
    assert [item.metadata.name for item in listing] == ["c0", "c1", "c2", "c3", "c4"]
    assert len(listing) == 5
    assert int(listing.resource_version) >= int(listing.items[-1].metadata.resource_version)
    odd = await client.list("cm", namespace=namespace, label_selector="parity=1")
    assert len(odd) == 2
    sizes = [
        len(page.items) async for page in client.pages(ConfigMap, namespace=namespace, page_size=2)
    ]
    assert sizes == [2, 2, 1]


async def test_a_deletion_holds_to_its_conditions(client: Client, namespace: str) -> None:
    """A uid or resource version that is not the object's is a conflict."""
    created = await client.create(config_map("web", namespace))
    with pytest.raises(errors.Conflict):
        await client.delete(ConfigMap, "web", namespace=namespace, uid="other")
    with pytest.raises(errors.Conflict):
        await client.delete(ConfigMap, "web", namespace=namespace, resource_version="1")
    await client.delete(
        ConfigMap,
        "web",
        namespace=namespace,
        uid=created.metadata.uid,
        resource_version=created.metadata.resource_version,
    )


async def test_a_selection_is_deleted_at_once(client: Client, namespace: str) -> None:
    """A collection's deletion takes what its selector matches and leaves the rest."""
    for name, tier in (("a", "front"), ("b", "back"), ("c", "front")):
        await client.create(config_map(name, namespace, tier=tier))
    await client.delete_collection(
        ConfigMap, {"namespace": namespace, "label_selector": "tier=front"}
    )
    left = await client.list(ConfigMap, namespace=namespace)
    assert [item.metadata.name for item in left] == ["b"]


async def test_a_dry_run_changes_nothing(client: Client, namespace: str) -> None:
    """The server checks and answers, and keeps nothing."""
    created = await client.create(config_map("web", namespace), dry_run=True)
    assert created.metadata.uid
    assert len(await client.list(ConfigMap, namespace=namespace)) == 0


async def test_violations_arrive_with_their_fields(client: Client, namespace: str) -> None:
    """An invalid object is refused with every fault, each with its path."""
    with pytest.raises(errors.Invalid) as caught:
        await client.create(config_map("Bad_Name", namespace))
    assert [violation.field for violation in caught.value.violations] == ["metadata.name"]


async def test_unknown_fields_are_refused_or_warned_of(server: str, namespace: str) -> None:
    """Strict by default; with ``warn`` the object is created and the warning handed on."""
    unknown = ConfigMap.FromString(
        config_map("web", namespace).SerializeToString() + b"\xfa\x3f\x01x"
    )
    warnings: list[str] = []
    async with Client(server, on_warning=warnings.append) as client:
        with pytest.raises(errors.BadRequest):
            await client.create(unknown)
        assert warnings == []
        await client.create(unknown, validation="warn")
    assert len(warnings) == 1


async def test_a_status_is_written_alone(client: Client, namespace: str) -> None:
    """Only the status of the given object is taken; kinds without one refuse by name."""
    pod = Pod(metadata=ObjectMeta(name="web", namespace=namespace))
    pod.spec.containers.add(name="web", image="web:1")
    created = await client.create(pod)
    created.status.phase = "Running"
    created.metadata.labels["a"] = "b"
    written = await client.update_status(created)
    assert written.status.phase == "Running"
    with pytest.raises(errors.MethodNotSupported):
        await client.update_status(config_map("web", namespace))


async def test_an_update_is_tried_again_after_a_conflict(
    client: Client, server: str, namespace: str
) -> None:
    """The change is applied to what somebody else wrote meanwhile; nothing is lost."""
    await client.create(config_map("web", namespace))
    tries = 0

    async def interfere() -> None:
        item = await client.get(ConfigMap, "web", namespace=namespace)
        item.data["theirs"] = "1"
        await client.update(item)

    class Interfering(Client):
        """Somebody else writes between this client's first read and write."""

        async def update(self, item: Any, **options: Any) -> Any:
            nonlocal tries
            tries += 1
            if tries == 1:
                await interfere()
            return await super().update(item, **options)

    def mine(item: ConfigMap) -> None:
        item.data["mine"] = "1"

    async with Interfering(server) as other:
        written = await update_with_retry(other, ConfigMap, "web", mine, namespace=namespace)
    assert tries == 2
    assert dict(written.data) == {"k": "v", "theirs": "1", "mine": "1"}
    with pytest.raises(errors.NotFound):
        await update_with_retry(client, ConfigMap, "none", mine, namespace=namespace)
