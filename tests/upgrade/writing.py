"""What is written into a store that is recorded: whatever a later release could misread.

Every kind in every served version, with the fullest manifests that the tests of the
contract have; a namespace that is being deleted and cannot go yet; Services whose addresses
the client left out; statuses; objects that were changed and objects that were deleted.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from google.protobuf import json_format

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.namespace_pb2 import Namespace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_client import Client

FINALIZER = "example.com/hold"
LEAVING = "leaving"
"""The namespace that is being deleted."""
LAST = "last"
"""The ConfigMap that is written last."""

_CONTRACT = Path(__file__).parents[1] / "contract"
_NOT_CREATED = {
    ("Pod", "every-pod-field"),
    ("Pod", "every-volume"),
    ("PersistentVolumeClaim", "data"),
    ("PersistentVolume", "local"),
    ("CustomResourceDefinition", "olds.example.com"),
    ("APIService", "v1beta1.metrics.k8s.io"),
    ("Event", "web-0.17cd1234"),
}
"""Manifests that show every field of a message, and so contradict themselves to a server."""
_STATUS_NOT_WRITTEN = {("StatefulSet", "db")}
"""Release 0.1.0 cannot update a StatefulSet that has claims."""
_SERVICES: dict[str, dict[str, Any]] = {
    "headless": {"clusterIP": "None", "selector": {"app": "web"}},
    "elsewhere": {"type": "ExternalName", "externalName": "db.example.com"},
    "node-port": {"type": "NodePort", "ports": [{"port": 80}]},
    "two-families": {"ipFamilyPolicy": "PreferDualStack", "ports": [{"port": 80}]},
}


async def first(client: Client) -> None:
    """Write history that is compacted before the rest is written."""
    for name in ("shop", LEAVING):
        namespace = Namespace(api_version="v1", kind="Namespace")
        namespace.metadata.name = name
        namespace.metadata.labels["team"] = name
        await client.create(namespace)
    item = await client.create(config_map("changed", "default"))
    for turn in range(3):
        item.data["turn"] = str(turn)
        item = await client.update(item)


async def then(client: Client) -> None:
    """Write everything else, with history that stays."""
    for document in (*_good_manifests(), *_full_manifests(), *_services()):
        await _create(client, document)
    item = await client.get(ConfigMap, "changed")
    item.data["turn"] = "the last"
    await client.update(item)
    await client.create(config_map("gone", "default"))
    await client.delete(ConfigMap, "gone")
    for namespace in ("default", LEAVING):
        held = config_map("held", namespace)
        held.metadata.finalizers.append(FINALIZER)
        await client.create(held)
    await client.delete(ConfigMap, "held")
    await client.create(config_map("goes-with-it", LEAVING))
    await client.delete(Namespace, LEAVING)
    await client.create(config_map(LAST, "default"))


def config_map(name: str, namespace: str) -> ConfigMap:
    """Return a ConfigMap as a client sends it."""
    item = ConfigMap(api_version="v1", kind="ConfigMap", data={"text": "one"})
    item.metadata.name, item.metadata.namespace = name, namespace
    return item


async def _create(client: Client, document: dict[str, Any]) -> None:
    resource = client.catalog.for_kind(document["apiVersion"], document["kind"])
    if resource is None:
        raise ValueError(f"no kind {document['apiVersion']} {document['kind']}")
    message: Any = json_format.ParseDict(document, resource.message_class())
    try:
        created: Any = await client.create(message)
    except errors.AlreadyExists:
        # The two versions of a kind share their names, and so do the two groups of Event.
        message.metadata.name += f"-{resource.version}"
        created = await client.create(message)
    has_status = "UpdateStatus" in resource.methods and message.HasField("status")
    if has_status and (message.kind, message.metadata.name) not in _STATUS_NOT_WRITTEN:
        created.status.CopyFrom(message.status)
        await client.update_status(created)


def _good_manifests() -> Iterator[dict[str, Any]]:
    for path in sorted(_CONTRACT.glob("rules/*.yaml")):
        good: dict[str, Any] = yaml.safe_load(path.read_text())["good"]
        yield good


def _full_manifests() -> Iterator[dict[str, Any]]:
    for path in sorted(_CONTRACT.glob("manifests/*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            if (document["kind"], document["metadata"]["name"]) not in _NOT_CREATED:
                document["metadata"]["namespace"] = "shop"
                yield document


def _services() -> Iterator[dict[str, Any]]:
    for name, spec in _SERVICES.items():
        metadata = {"name": name, "namespace": "shop"}
        yield {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}
