"""Manifests as people write them are the canonical JSON of our messages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

from protocube.catalog import Catalog

if TYPE_CHECKING:
    from google.protobuf.message import Message

MANIFESTS = Path(__file__).parent / "manifests"

INT64 = {FieldDescriptor.TYPE_INT64}


def documents() -> list[Any]:
    """Return every document of the manifests, named by its file and kind."""
    return [
        pytest.param(
            document,
            id=":".join(
                (path.stem, document["kind"], document.get("metadata", {}).get("name", ""))
            ),
        )
        for path in sorted(MANIFESTS.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
    ]


def parse(document: dict[str, Any]) -> Message:
    """Parse a document into the message of its kind."""
    resource = Catalog.shipped().for_kind(document["apiVersion"], document["kind"])
    assert resource is not None
    return json_format.ParseDict(document, resource.message_class())


def canonical(value: Any, descriptor: Any) -> Any:
    """Write 64-bit integers as texts, the one thing protobuf's JSON does otherwise.

    ``descriptor`` is a message's, or ``None`` for a scalar.
    """
    if descriptor is None or descriptor.full_name.startswith("google.protobuf."):
        return value
    if descriptor.GetOptions().map_entry:
        below = descriptor.fields_by_name["value"].message_type
        return {key: canonical(item, below) for key, item in value.items()}
    by_name = {field.json_name: field for field in descriptor.fields}
    return {name: canonical_field(item, by_name[name]) for name, item in value.items()}


def canonical_field(value: Any, field: FieldDescriptor) -> Any:
    """As :func:`canonical`, for one field."""
    if isinstance(value, list):
        return [canonical_field(item, field) for item in value]
    if field.message_type is not None:
        return canonical(value, field.message_type)
    return str(value) if field.type in INT64 else value


@pytest.mark.parametrize("document", documents())
def test_a_manifest_is_read_and_printed_back_equal(document: dict[str, Any]) -> None:
    """Nothing of a manifest is refused, lost, renamed or moved."""
    message = parse(document)
    printed = json_format.MessageToDict(message)
    assert printed == canonical(document, message.DESCRIPTOR)


@pytest.mark.parametrize("document", documents())
def test_a_manifest_survives_its_bytes(document: dict[str, Any]) -> None:
    """What the store holds is the same object again."""
    message = parse(document)
    assert type(message).FromString(message.SerializeToString(deterministic=True)) == message


def test_the_manifests_use_every_volume_source() -> None:
    """A source of volumes that no manifest uses could be misspelt unnoticed."""
    pod = Catalog.shipped().for_kind("v1", "Pod")
    assert pod is not None
    volume = pod.descriptor.file.pool.FindMessageTypeByName("protocube.core.v1.Volume")
    declared = {field.json_name for field in volume.oneofs_by_name["source"].fields}
    path = MANIFESTS / "every-volume.yaml"
    manifest = yaml.safe_load(path.read_text())
    used = {name for item in manifest["spec"]["volumes"] for name in item if name != "name"}
    assert used == declared


def test_two_sources_of_one_volume_are_refused() -> None:
    """A volume is one thing: the second source is not dropped silently."""
    volume = {"name": "v", "emptyDir": {}, "hostPath": {"path": "/"}}
    manifest = {"apiVersion": "v1", "kind": "Pod", "spec": {"volumes": [volume]}}
    with pytest.raises(json_format.ParseError, match="oneof"):
        parse(manifest)
