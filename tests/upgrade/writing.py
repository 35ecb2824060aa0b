"""What is written into a store that is recorded: whatever a later release could misread.

Every kind in every served version, with the fullest manifests that the tests of the
contract have; a namespace that is being deleted and cannot go yet; Services whose addresses
the client left out; statuses; objects that were changed and objects that were deleted.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from google.protobuf import json_format
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.namespace_pb2 import Namespace
from protocube_client import EventType, update_with_retry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_client import Client

FINALIZER = "example.com/hold"
_SECONDS = 30
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
    ("MutatingAdmissionPolicy", "team.example.com"),
}
"""Manifests that show every field of a message, and so contradict themselves to a server."""
_COMPILED = ("Definition", "MutatingAdmissionPolicy")
"""Kinds of which a server compiles what is good to their rules alone."""
_ANNOTATIONS = {"CustomResourceDefinition": {"protocube.dev/conversion": "None"}}
"""What manifests of Kubernetes need here."""
_STATUS_NOT_WRITTEN = {("StatefulSet", "db")}
"""Release 0.1.0 cannot update a StatefulSet that has claims."""
_SERVICES: dict[str, dict[str, Any]] = {
    "headless": {"clusterIP": "None", "selector": {"app": "web"}},
    "elsewhere": {"type": "ExternalName", "externalName": "db.example.com"},
    "node-port": {"type": "NodePort", "ports": [{"port": 80}]},
    "two-families": {"ipFamilyPolicy": "PreferDualStack", "ports": [{"port": 80}]},
}
_POLICY: dict[str, Any] = {
    "matchConstraints": {
        "resourceRules": [
            {
                "apiGroups": ["example.com"],
                "apiVersions": ["v1"],
                "operations": ["CREATE"],
                "resources": ["machines"],
            }
        ]
    },
    "failurePolicy": "Ignore",
    "reinvocationPolicy": "Never",
    "mutations": [
        {
            "patchType": "JSONPatch",
            "jsonPatch": {
                "expression": '[JSONPatch{op: "add", path: "/metadata/labels", value: {"x": "y"}}]'
            },
        }
    ],
}
_MACHINE = Path(__file__).parents[2] / "examples" / "fleet" / "machine.binpb"
"""What protoc makes of a kind of one's own, without what it imports."""


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
    for document in (*_good_manifests(), *_full_manifests(), *_services(), *_of_servers()):
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
    await _gone(client, "goes-with-it", LEAVING)
    await client.create(config_map(LAST, "default"))


async def _gone(client: Client, name: str, namespace: str) -> None:
    """Wait until a ConfigMap is deleted: then the history before the last write is complete."""
    async with (
        asyncio.timeout(_SECONDS),
        contextlib.aclosing(client.watch(ConfigMap, namespace=namespace)) as watch,
    ):
        async for event in watch:
            if event.type is EventType.DELETED and event.object.metadata.name == name:
                return
            listed = await client.list(ConfigMap, namespace=namespace)
            if name not in {item.metadata.name for item in listed}:
                return


def config_map(name: str, namespace: str) -> ConfigMap:
    """Return a ConfigMap as a client sends it."""
    item = ConfigMap(api_version="v1", kind="ConfigMap", data={"text": "one"})
    item.metadata.name, item.metadata.namespace = name, namespace
    return item


async def _create(client: Client, document: dict[str, Any]) -> None:
    resource = client.catalog.for_kind(document["apiVersion"], document["kind"])
    if resource is None:
        raise ValueError(f"no kind {document['apiVersion']} {document['kind']}")
    if "List" not in resource.methods:
        return  # A question, which is answered and not stored.
    document["metadata"].setdefault("annotations", {}).update(_ANNOTATIONS.get(resource.kind, {}))
    message: Any = json_format.ParseDict(document, resource.message_class())
    try:
        created: Any = await client.create(message)
    except errors.AlreadyExists:
        # The two versions of a kind share their names, and so do the two groups of Event.
        message.metadata.name += f"-{resource.version}"
        created = await client.create(message)
    has_status = "UpdateStatus" in resource.methods and message.HasField("status")
    if has_status and (message.kind, message.metadata.name) not in _STATUS_NOT_WRITTEN:
        # The server writes some of it, too, behind a create.
        await update_with_retry(
            client,
            type(message),
            created.metadata.name,
            lambda found: found.status.CopyFrom(message.status),
            namespace=created.metadata.namespace,
            subresource="status",
        )


def _good_manifests() -> Iterator[dict[str, Any]]:
    for path in sorted(_CONTRACT.glob("rules/*.yaml")):
        good: dict[str, Any] = yaml.safe_load(path.read_text())["good"]
        if good["kind"] not in _COMPILED:
            yield good


def _full_manifests() -> Iterator[dict[str, Any]]:
    for path in sorted(_CONTRACT.glob("manifests/*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            if (document["kind"], _name(document)) not in _NOT_CREATED:
                document.setdefault("metadata", {})["namespace"] = "shop"
                yield document


def _name(document: dict[str, Any]) -> str:
    name: str = document.get("metadata", {}).get("name", "")
    return name


def _of_servers() -> Iterator[dict[str, Any]]:
    """Yield what the fullest manifests cannot show: a server compiles these."""
    yield {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingAdmissionPolicy",
        "metadata": {"name": "labels"},
        "spec": _POLICY,
    }
    files = FileDescriptorSet.FromString(_MACHINE.read_bytes()).file
    own = [file for file in files if file.name.startswith("fleet/")]
    yield {
        "apiVersion": "definitions.protocube.dev/v1",
        "kind": "Definition",
        "metadata": {"name": "machines.fleet.example.com"},
        "spec": {
            "files": [
                {"descriptor": base64.b64encode(file.SerializeToString()).decode()} for file in own
            ]
        },
    }


def _services() -> Iterator[dict[str, Any]]:
    for name, spec in _SERVICES.items():
        metadata = {"name": name, "namespace": "shop"}
        yield {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}
