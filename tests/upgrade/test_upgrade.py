"""Stores that earlier releases wrote are opened by this one, and work goes on in them.

Each folder beside this file is one release; a folder more is a release more. What this
release writes is opened, too.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from google.protobuf.message import Message

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.namespace_pb2 import Namespace
from protocube.manifests import field_plans, quantities
from protocube_client import Client, EventType, update_with_retry
from protocube_server import __main__ as command
from tests import server_process
from tests.upgrade import recorded

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator
    from pathlib import Path

    from tests.upgrade.recorded import Opened

_SECONDS = 30.0
_KEPT = ("default", "kube-public", "kube-system")
"""Namespaces that cannot be deleted."""
_COUNTED = "deprecated.daemonset.template.generation"
_OF_AUTOSCALERS = "autoscaling.alpha.kubernetes.io/"
_OWN_ADDRESSES = ("protocube.networking.v1.ServiceCIDR", "", "kubernetes")
"""What the server makes of its flags."""
_WATCHED_OVER = ("CustomResourceDefinition", "Definition", "ValidatingAdmissionPolicy")
"""Kinds whose status the server writes behind a create."""
_DEFINING = ("CustomResourceDefinition", "Definition")
_STRICT = "protocube.events.v1.Event"
"""This group requires what the other group of Event does not, of its events too."""
_NEW = "MutatingAdmissionWebhook,ValidatingAdmissionWebhook,ResourceQuota"
"""Plugins that call what does not exist here, or change objects of the recording."""
_OF_THE_SERVER = (
    *("uid", "resource_version", "generation", "self_link"),
    *("creation_timestamp", "deletion_timestamp", "deletion_grace_period_seconds"),
)


@contextlib.asynccontextmanager
async def serving(url: str) -> AsyncGenerator[Client, None]:
    """Serve a store in a process of its own, with both families of addresses that it has."""
    ranges = "10.0.0.0/16,fd00::/112"
    words = (
        *("--listen", "127.0.0.1:0", "--store", url, "--service-cluster-ip-range", ranges),
        # What the earlier release stored of webhooks and quotas is in force now.
        *("--disable-admission-plugins", _NEW),
    )
    async with (
        server_process.started(*words) as process,
        Client(await process.ready()) as client,
        asyncio.timeout(_SECONDS),
    ):
        yield client


def run(*words: object) -> Result:
    """Run one command of ``store``."""
    return CliRunner().invoke(command.main, ["store", *map(str, words)])


def name_of(item: Any) -> tuple[str, str, str]:
    """Name an object by its kind, its namespace and its name."""
    return item.DESCRIPTOR.full_name, item.metadata.namespace, item.metadata.name


def as_recorded(item: Any, before: Any) -> Any:
    """Return ``item`` without what this release says in other words.

    Of the deletion of a namespace the earlier one said nothing: its status had no conditions. What
    an autoscaler of version 1 has in annotations had the form of version 2. A definition of custom
    objects was not served, and nobody had looked at a policy. Every other object is as it is.
    """
    if item.kind == "ValidatingAdmissionPolicy":
        plain = type(item)()
        plain.CopyFrom(item)
        plain.status.CopyFrom(before.status)
        plain.metadata.resource_version = before.metadata.resource_version
        return plain
    if item.kind in _DEFINING:
        plain = type(item)()
        plain.CopyFrom(item)
        plain.status.CopyFrom(before.status)
        plain.metadata.finalizers[:] = before.metadata.finalizers
        plain.metadata.resource_version = before.metadata.resource_version
        return plain
    if (item.kind, item.api_version) == ("HorizontalPodAutoscaler", "autoscaling/v1"):
        plain = type(item)()
        plain.CopyFrom(item)
        for name in item.metadata.annotations:
            if name.startswith(_OF_AUTOSCALERS):
                plain.metadata.annotations[name] = before.metadata.annotations[name]
        return plain
    if item.kind != "Namespace" or not item.metadata.HasField("deletion_timestamp"):
        return item
    plain = type(item)()
    plain.CopyFrom(item)
    plain.status.CopyFrom(before.status)
    plain.metadata.resource_version = before.metadata.resource_version
    return plain


async def everything(client: Client) -> dict[tuple[str, str, str], Any]:
    """Return all objects of all kinds as they are listed."""
    return {
        name_of(item): item
        for resource in client.catalog.resources
        if "List" in resource.methods
        for item in await client.list(resource.message_class)
    }


def test_every_release_is_recorded() -> None:
    """The first one is there, so a search that finds nothing cannot pass for success."""
    assert "0.1.0" in {folder.name for folder in recorded.folders()}


async def test_every_object_is_what_it_was(opened: Opened) -> None:
    """Lists, gets and watches from the start give each object as the earlier release gave it."""
    expected = {name_of(item): item for item in opened.contents.objects}
    async with serving(opened.url) as client:
        listed = await everything(client)
        found = {name: as_recorded(listed[name], item) for name, item in expected.items()}
        assert found == expected
        for (_, namespace, name), item in expected.items():
            found_item = await client.get(type(item), name, namespace=namespace)
            assert as_recorded(found_item, item) == item
        for kind in {type(item) for item in opened.contents.objects}:
            wanted = {name for name in expected if name[0] == kind.DESCRIPTOR.full_name}
            async with contextlib.aclosing(client.watch(kind)) as watch:
                async for event in watch:
                    assert event.type is EventType.ADDED
                    before = listed[name_of(event.object)]
                    assert as_recorded(event.object, before) == as_recorded(before, before)
                    wanted.discard(name_of(event.object))
                    if not wanted:
                        break


async def test_history_goes_on(opened: Opened) -> None:
    """A watch from a version of the earlier release gives what happened after it."""
    expected = opened.contents.events
    kind = type(expected[0].object)
    async with (
        serving(opened.url) as client,
        contextlib.aclosing(client.watch(kind, resource_version=opened.contents.since)) as watch,
    ):
        for item in expected:
            event = await anext(watch)
            assert (event.type.value, event.object) == (item.type, item.object)
        new = ConfigMap(api_version="v1", kind="ConfigMap")
        new.metadata.name = "new"
        await client.create(new)
        assert name_of((await anext(watch)).object)[2] == "new"


async def test_every_object_can_be_changed(opened: Opened) -> None:
    """Each takes a label through each version of its kind, and is otherwise what it was."""
    async with serving(opened.url) as client:
        for recorded_item in opened.contents.objects:
            kind, namespace, name = name_of(recorded_item)
            if kind == _STRICT and not recorded_item.HasField("event_time"):
                continue
            item: Any = await client.get(type(recorded_item), name, namespace=namespace)
            item.metadata.labels["upgraded"] = "yes"
            answer: Any = await client.update(item)
            assert answer.metadata.labels["upgraded"] == "yes"
            item.metadata.resource_version = answer.metadata.resource_version
            _settle(item)
            _drop(item)
            if item.kind == "Service":
                _give(item.spec, answer.spec)
            if item.kind == "DaemonSet":
                counted = answer.metadata.annotations[_COUNTED]
                item.metadata.annotations[_COUNTED] = counted
            # Of some kinds a label counts as a change of what is wanted.
            assert answer.metadata.generation - item.metadata.generation in (0, 1)
            item.metadata.generation = answer.metadata.generation
            assert answer == item


def _give(spec: Any, given: Any) -> None:
    """Let a service have what it is given by its next update."""
    if not spec.cluster_ip:
        spec.cluster_ip = given.cluster_ip
        spec.cluster_ips[:] = given.cluster_ips
    if not spec.ip_families:
        spec.ip_families[:] = given.ip_families
    if not spec.HasField("ip_family_policy") and given.HasField("ip_family_policy"):
        spec.ip_family_policy = given.ip_family_policy
    for port, other in zip(spec.ports, given.ports, strict=True):
        port.node_port = port.node_port or other.node_port
    if not spec.health_check_node_port:
        spec.health_check_node_port = given.health_check_node_port


def _drop(item: Any) -> None:
    """Take out what this release does not store any more, as Kubernetes 1.34 does not."""
    match item.kind:
        case "Node":
            item.spec.ClearField("config_source")
            item.status.ClearField("config")
        case "StatefulSet":
            item.spec.update_strategy.rolling_update.ClearField("max_unavailable")
        case "EndpointSlice":
            for endpoint in item.endpoints:
                endpoint.ClearField("deprecated_topology")
        case "DeviceClass":
            item.spec.ClearField("extended_resource_name")
        case "CSIDriver":
            item.spec.ClearField("node_allocatable_update_period_seconds")


def _settle(message: Any) -> None:
    """Write quantities as they are stored by now, and what has a default by now."""
    if message.DESCRIPTOR.name == "HostPathVolumeSource" and not message.HasField("type"):
        message.type = ""
    for field, value in message.ListFields():
        entry = field.message_type
        is_map = entry is not None and entry.GetOptions().map_entry
        if field_plans.is_quantity(field):
            if is_map:
                for key in list(value):
                    value[key] = quantities.canonical(value[key])
            elif field.is_repeated:
                value[:] = map(quantities.canonical, value)
            else:
                setattr(message, field.name, quantities.canonical(value))
        elif entry is not None and not entry.full_name.startswith("google.protobuf."):
            held = value.values() if is_map else value if field.is_repeated else [value]
            for item in held:
                if isinstance(item, Message):
                    _settle(item)


async def test_every_object_can_go_and_come_again(opened: Opened) -> None:
    """Each is deleted, and created anew as it was, but for what the server says of it."""
    async with serving(opened.url) as client:
        for item in _deletable(client, opened.contents.objects):
            _, namespace, name = name_of(item)
            deleted: Any = await client.delete(
                type(item),
                name,
                namespace=namespace,
                propagation="background",
                grace_period_seconds=0,
            )
            # The server takes the finalizer of a definition away itself.
            if deleted.metadata.finalizers and deleted.kind not in _DEFINING:
                await _let_go(client, deleted)
            await _gone(client, type(item), namespace, name)
            created: Any = await client.create(_as_sent(item))
            assert created.metadata.uid != item.metadata.uid
            found: Any = await client.get(type(item), name, namespace=namespace)
            if found.kind in _WATCHED_OVER:
                found.status.CopyFrom(created.status)
                found.metadata.resource_version = created.metadata.resource_version
            assert found == created


async def test_a_namespace_can_finish_its_deletion(opened: Opened) -> None:
    """It was being deleted and goes with the last finalizer in it; nothing new is made in it."""
    leaving = [
        item.metadata.name
        for item in opened.contents.of("protocube.core.v1.Namespace")
        if item.metadata.HasField("deletion_timestamp")
    ]
    assert leaving
    async with serving(opened.url) as client:
        for name in leaving:
            late = ConfigMap(api_version="v1", kind="ConfigMap")
            late.metadata.name, late.metadata.namespace = "late", name
            with pytest.raises(errors.Forbidden, match="is being terminated"):
                await client.create(late)
            held = [item for item in opened.contents.objects if item.metadata.namespace == name]
            assert held
            for item in held:
                await _let_go(client, item)
            await _gone(client, Namespace, "", name)
            with pytest.raises(errors.NotFound):
                await client.create(late)


async def test_the_store_is_sound(opened: Opened) -> None:
    """So ``store check`` says, before this release has served it and afterwards."""
    for _ in range(2):
        result = await asyncio.to_thread(run, "check", "--store", opened.url)
        assert result.exit_code == 0, result.output
        async with serving(opened.url) as client:
            await client.list(ConfigMap)


async def test_it_moves_to_another_store(opened: Opened, tmp_path: Path) -> None:
    """An export of it, imported into a new store, has every object, byte by byte."""
    file, again, url = tmp_path / "all", tmp_path / "again", f"sqlite:{tmp_path}/new.db"
    for words in (
        ("export", file, "--store", opened.url),
        ("import", file, "--store", url),
        ("export", again, "--store", url),
    ):
        result = await asyncio.to_thread(run, *words)
        assert result.exit_code == 0, result.output
    lines = [path.read_text().splitlines()[1:-1] for path in (file, again)]
    assert lines[0] == lines[1]
    async with serving(url) as client:
        listed = await everything(client)
    for item in opened.contents.objects:
        found = listed[name_of(item)]
        found.metadata.resource_version = item.metadata.resource_version
        assert as_recorded(found, item) == item


def _deletable(client: Client, objects: Iterable[Any]) -> Iterator[Any]:
    """Return the objects that can go, each once, namespaces after what is in them."""
    stored = {
        resource.message for resource in client.catalog.resources if not resource.options.stored_as
    }
    for last in (False, True):
        for item in objects:
            goes = item.DESCRIPTOR.full_name in stored
            goes &= not item.metadata.HasField("deletion_timestamp")
            goes &= not (item.kind == "Namespace" and item.metadata.name in _KEPT)
            goes &= name_of(item) != _OWN_ADDRESSES
            if goes and (item.kind == "Namespace") is last:
                yield item


def _as_sent(item: Any) -> Any:
    """Return an object as a client would create it anew."""
    sent = type(item)()
    sent.CopyFrom(item)
    for field in _OF_THE_SERVER:
        sent.metadata.ClearField(field)
    if sent.kind == "Job" and not sent.spec.manual_selector:
        # The server selects its pods by its uid.
        sent.spec.ClearField("selector")
        sent.spec.template.metadata.ClearField("labels")
    if sent.kind == "Pod":
        # The server computes both from the class of priority, which may be another one by now.
        sent.spec.ClearField("priority")
        sent.spec.ClearField("preemption_policy")
    if sent.kind == "CustomResourceDefinition":
        # Webhooks convert nothing; what has one can be kept as it is, and be made with these words.
        sent.metadata.annotations["protocube.dev/conversion"] = "None"
    return sent


async def _let_go(client: Client, item: Any) -> None:
    """Take the finalizers of an object that is being deleted away, which ends it."""
    _, namespace, name = name_of(item)

    def free(current: Any) -> None:
        del current.metadata.finalizers[:]

    # The server takes its own away from what nobody uses, and may be faster.
    with contextlib.suppress(errors.NotFound):
        await update_with_retry(client, type(item), name, free, namespace=namespace)


async def _gone(client: Client, kind: type[Message], namespace: str, name: str) -> None:
    """Wait until an object is there no more."""
    listing: Any = await client.list(kind, namespace=namespace)
    if name not in {item.metadata.name for item in listing}:
        return
    version = listing.resource_version
    async with contextlib.aclosing(
        client.watch(kind, namespace=namespace, resource_version=version)
    ) as watch:
        async for event in watch:
            item: Any = event.object
            if event.type is EventType.DELETED and item.metadata.name == name:
                return
