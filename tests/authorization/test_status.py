"""The right to write a status gives no other one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube.api.v1 import resource_pb2
from tests import machines
from tests.authorization.ruled import Ruled, bind, role, rule, ruled
from tests.definitions.defining import definition

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

MACHINE = machines.file(
    (
        "  options {\n    [protocube.api.v1.resource] {",
        """
  field {
    name: "status" number: 5 type: TYPE_MESSAGE label: LABEL_OPTIONAL
    type_name: ".example.v1.MachineStatus"
  }
  options {
    [protocube.api.v1.resource] { subresources: SUBRESOURCE_STATUS""",
    ),
    (
        'message_type {\n  name: "MachineSpec"',
        """message_type {
  name: "MachineStatus"
  field { name: "phase" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
}
message_type {
  name: "MachineSpec\"""",
    ),
)
STATUS = resource_pb2.SUBRESOURCE_STATUS
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "1"}
"""An object whose owner is not there is deleted."""
METADATA: dict[str, Any] = {
    "labels": {"a": "b"},
    "annotations": {"a": "b"},
    "finalizers": ["a.example.com/b"],
    "ownerReferences": [OWNER],
}
POD = {"spec": {"containers": [{"name": "c", "image": "nginx"}]}}
POLICY = {
    "spec": {
        "matchConstraints": {
            "resourceRules": [
                {
                    "apiGroups": [""],
                    "apiVersions": ["v1"],
                    "operations": ["CREATE"],
                    "resources": ["configmaps"],
                }
            ]
        },
        "validations": [{"expression": "true"}],
    }
}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Ruled, None]:
    """Provide a server where alice may write the status of all, and that alone."""
    async with ruled(tmp_path) as found:
        admin, alice = await found.caller("admin"), await found.caller("alice")
        own = admin.resource("definitions").message_class
        await admin.create(own.FromString(definition(MACHINE).SerializeToString()))
        admin.catalog = alice.catalog = machines.catalog(MACHINE)
        await role(admin, "r", rule("patch,update", "*/status", group="*"))
        await bind(admin, "alice", "ClusterRole", "r")
        yield found


@pytest.mark.parametrize(
    ("word", "fields"), [("machines", {}), ("validatingadmissionpolicies", POLICY)]
)
async def test_it_changes_no_metadata(server: Ruled, word: str, fields: dict[str, Any]) -> None:
    """Of a kind that users define, and of those of which Kubernetes keeps all of it, too."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    made = await admin.create(admin.make(word, "a", **fields))
    await alice.patch(word, "a", subresource=STATUS, merge_patch={"metadata": METADATA})
    made.metadata.finalizers.append("a.example.com/b")
    made.metadata.owner_references.add(api_version="v1", kind="ConfigMap", name="gone", uid="1")
    made.metadata.labels["a"] = made.metadata.annotations["a"] = "b"
    await alice.write("UpdateStatus", made)
    metadata = (await admin.get(word, "a")).metadata
    assert (metadata.labels, metadata.annotations) == ({}, {})
    assert not metadata.finalizers
    assert not metadata.owner_references


async def test_it_gives_no_pod_an_owner(server: Ruled) -> None:
    """Kubernetes lets it be annotated and labelled, and not be deleted with another object."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    await admin.create(admin.make("pods", "a", **POD))
    await alice.patch("pods", "a", subresource=STATUS, merge_patch={"metadata": METADATA})
    metadata = (await admin.get("pods", "a")).metadata
    assert dict(metadata.labels) == {"a": "b"}
    assert not metadata.owner_references
