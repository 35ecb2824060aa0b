"""Custom kinds on a server: versions, subresources, selectors and changes, over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors, joined_catalog
from protocube.catalog import Catalog
from protocube.manifests import encode
from protocube.manifests.decode import decode
from protocube.meta.v1 import requests_pb2
from tests.definitions.crd.making import DOOR, definition, of_spec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.definitions.defining import Definer
    from tests.server.caller import Caller

_NAME = "machines.fleet.example.com"
_V1, _V1BETA1 = "machines.v1.fleet.example.com", "machines.v1beta1.fleet.example.com"
_SPEC = """
type: object
properties:
  cores: {type: integer, minimum: 1}
  host: {type: string, maxLength: 5}
  replicas: {type: integer, default: 2}
"""
_OLD_SPEC = """
type: object
properties:
  cores: {type: integer}
  host: {type: string}
"""
_STATUS = {"type": "object", "properties": {"replicas": {"type": "integer"}}}


def _schema(spec: str = _SPEC) -> dict[str, Any]:
    schema = of_spec(spec)
    schema["properties"]["status"] = _STATUS
    return schema


async def _define(definer: Definer, message: Any) -> Any:
    resource = definer.base.resource("customresourcedefinitions")
    data = message.SerializeToString()
    return await definer.base.create(resource.message_class.FromString(data))


async def _redefine(definer: Definer, message: Any) -> Any:
    found = await definer.base.get("customresourcedefinitions", _NAME)
    wanted = type(found)()
    wanted.CopyFrom(found)
    wanted.spec.ParseFromString(message.spec.SerializeToString())
    return await definer.base.update(wanted)


async def _knowing(definer: Definer, message: Any) -> Caller:
    """Return a caller that knows the kinds that a definition compiles to."""
    compiled = DOOR.compile(message, b"")
    return await definer.knowing_of(joined_catalog.part(Catalog.shipped(), compiled.files))


def _machine(caller: Caller, word: str, spec: Mapping[str, Any], name: str = "a") -> Any:
    resource = caller.resource(word)
    message: Any = resource.message_class()
    manifest = {
        "apiVersion": resource.api_version,
        "kind": "Machine",
        "metadata": {"name": name, "namespace": "default"},
        "spec": spec,
    }
    report = decode(manifest, message)
    assert not report.unknown, report
    return message


async def test_is_served_with_its_status_and_scale(definer: Definer) -> None:
    """The answer to the definition says so, and each subresource writes its own part."""
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    message = definition({"schema": _schema(), "subresources": {"status": {}, "scale": scale}})
    made = await _define(definer, message)
    conditions = {item.type: item.status for item in made.status.conditions}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}
    assert list(made.status.stored_versions) == ["v1"]
    caller = await _knowing(definer, message)
    created = await caller.create(_machine(caller, _V1, {"cores": 1}))
    assert (created.spec.replicas, created.metadata.generation) == (2, 1)
    request = requests_pb2.GetRequest(name="a", namespace="default")
    assert (await caller.scale("GetScale", _V1, request)).spec.replicas == 2
    created.status.replicas = 5
    created.spec.cores = 3
    written = await caller.write("UpdateStatus", created)
    assert (written.status.replicas, written.spec.cores, written.metadata.generation) == (5, 1, 1)
    written.spec.replicas = -1
    with pytest.raises(errors.Invalid, match="should be a non-negative integer"):
        await caller.update(written)


async def test_serves_versions_of_one_object(definer: Definer) -> None:
    """Each version reads what the other wrote; what the stored one lacks is gone."""
    message = definition({"schema": _schema()}, {"name": "v1beta1", "schema": _schema(_OLD_SPEC)})
    await _define(definer, message)
    caller = await _knowing(definer, message)
    await caller.create(_machine(caller, _V1, {"cores": 1, "replicas": 7}))
    read = await caller.get(_V1BETA1, "a", namespace="default")
    assert (read.api_version, read.spec.cores) == ("fleet.example.com/v1beta1", 1)
    read.spec.cores = 2
    await caller.update(read)
    again = await caller.get(_V1, "a", namespace="default")
    assert (again.api_version, again.spec.cores) == ("fleet.example.com/v1", 2)


async def test_reads_old_objects_when_the_storage_version_changes(definer: Definer) -> None:
    """Nothing is converted: an object of the old version is answered as one of the new."""
    first = definition(
        {"name": "v1beta1", "schema": _schema(_OLD_SPEC)},
        {"name": "v1", "schema": _schema()},
    )
    await _define(definer, first)
    caller = await _knowing(definer, first)
    await caller.create(_machine(caller, _V1BETA1, {"cores": 4, "host": "h"}))
    await _redefine(definer, definition({"name": "v1", "schema": _schema()}))
    read = await caller.get(_V1, "a", namespace="default")
    assert encode.data(read)["apiVersion"] == "fleet.example.com/v1"
    assert (read.spec.cores, read.spec.host) == (4, "h")
    (listed,) = (await caller.list(_V1)).items
    assert listed == read


async def test_warns_of_a_deprecated_version(definer: Definer) -> None:
    """Every call of such a version is told what to use instead."""
    message = definition(
        {"schema": _schema()},
        {"name": "v1beta1", "schema": _schema(), "deprecated": True},
    )
    await _define(definer, message)
    caller = await _knowing(definer, message)
    service = caller.resource(_V1BETA1).service
    reply = await caller.send(f"/{service}/List", requests_pb2.ListRequest().SerializeToString())
    assert reply.warnings == (
        "fleet.example.com/v1beta1 Machine is deprecated; use fleet.example.com/v1 Machine",
    )


async def test_selects_by_declared_fields(definer: Definer) -> None:
    """A selectable field selects, another one is refused in Kubernetes' words."""
    message = definition({"schema": _schema(), "selectableFields": [{"jsonPath": ".spec.host"}]})
    await _define(definer, message)
    caller = await _knowing(definer, message)
    await caller.create(_machine(caller, _V1, {"host": "a"}))
    await caller.create(_machine(caller, _V1, {"host": "b"}, "b"))
    found = (await caller.list(_V1, field_selector="spec.host=b")).items
    assert [item.metadata.name for item in found] == ["b"]
    with pytest.raises(errors.BadRequest, match=r"not supported: spec\.cores"):
        await caller.list(_V1, field_selector="spec.cores=1")


_TEMPLATES = """
type: object
properties:
  template: &template
    type: object
    properties:
      spec: {type: object, properties: {host: {type: string}}}
  other: *template
"""


async def test_selects_by_a_field_of_a_template(definer: Definer) -> None:
    """Whatever the messages on the way are called; an equal one at another place has none."""
    message = definition(
        {
            "schema": _schema(_TEMPLATES),
            "selectableFields": [{"jsonPath": ".spec.template.spec.host"}],
        }
    )
    await _define(definer, message)
    caller = await _knowing(definer, message)
    for name in ("a", "b"):
        template, other = ({"spec": {"host": host}} for host in (name, "other"))
        await caller.create(_machine(caller, _V1, {"template": template, "other": other}, name))
    found = (await caller.list(_V1, field_selector="spec.template.spec.host=b")).items
    assert [item.metadata.name for item in found] == ["b"]
    with pytest.raises(errors.BadRequest, match=r"not supported: spec\.other\.spec\.host"):
        await caller.list(_V1, field_selector="spec.other.spec.host=other")


async def test_does_not_hold_old_objects_to_a_new_schema(definer: Definer) -> None:
    """A stricter schema refuses new objects; an update need not mend what it does not touch."""
    loose = definition({"schema": _schema(_OLD_SPEC)})
    await _define(definer, loose)
    caller = await _knowing(definer, loose)
    created = await caller.create(_machine(caller, _V1, {"host": "longer", "cores": 1}))
    await _redefine(definer, definition({"schema": _schema()}))
    created.spec.cores = 2
    created = await caller.update(created)
    created.spec.host = "longest"
    with pytest.raises(errors.Invalid, match="may not be more than 5 bytes"):
        await caller.update(created)


_SHARED = """
type: object
properties:
  ports:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name, protocol]
    items:
      type: object
      required: [name]
      properties:
        name: {type: string}
        protocol: {type: string, default: TCP}
        number: {type: integer}
  tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}
  names: {type: array, items: {type: string}}
  free: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""


async def test_shares_lists_as_the_schema_says(definer: Definer) -> None:
    """Two managers apply elements of one list, by its keys; an atomic list is one's or other's."""
    message = definition({"schema": _schema(_SHARED)})
    await _define(definer, message)
    caller = await _knowing(definer, message)

    def wanted(spec: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "apiVersion": "fleet.example.com/v1",
            "kind": "Machine",
            "metadata": {"name": "a"},
            "spec": spec,
        }

    first = {"ports": [{"name": "a", "number": 1}], "tags": ["x"], "free": {"a": {"b": 1}}}
    await caller.apply(wanted(first), "one", namespace="default")
    second = {"ports": [{"name": "b", "number": 2}], "tags": ["y"], "names": ["n"]}
    found = await caller.apply(wanted(second), "two", namespace="default")
    spec = encode.data(found)["spec"]
    assert spec == {
        "ports": [
            {"name": "a", "number": 1, "protocol": "TCP"},
            {"name": "b", "number": 2, "protocol": "TCP"},
        ],
        "tags": ["x", "y"],
        "names": ["n"],
        "free": {"a": {"b": 1}},
    }
    with pytest.raises(errors.Conflict, match="names"):
        await caller.apply(wanted({"names": ["m"]}), "one", namespace="default")
    left = await caller.apply(wanted({"tags": ["x"]}), "one", namespace="default")
    assert encode.data(left)["spec"]["ports"] == [{"name": "b", "number": 2, "protocol": "TCP"}]


async def test_takes_finalizers_without_a_domain(definer: Definer) -> None:
    """Controllers of custom kinds have such; the definition's own is one, and can be sent back."""
    message = definition({"schema": _schema()})
    made = await _define(definer, message)
    assert list(made.metadata.finalizers) == ["customresourcecleanup.apiextensions.k8s.io"]
    made.metadata.labels["a"] = "b"
    await definer.base.update(made)
    caller = await _knowing(definer, message)
    machine = _machine(caller, _V1, {})
    machine.metadata.finalizers.append("resources-finalizer.example.com")
    created = await caller.create(machine)
    assert list(created.metadata.finalizers) == ["resources-finalizer.example.com"]


async def test_counts_a_status_that_is_no_subresource(definer: Definer) -> None:
    """Without the subresource a status is written as any field, and its changes count."""
    message = definition({"schema": _schema()})
    await _define(definer, message)
    caller = await _knowing(definer, message)
    machine = _machine(caller, _V1, {"cores": 1})
    machine.status.replicas = 1
    created = await caller.create(machine)
    assert (created.status.replicas, created.metadata.generation) == (1, 1)
    created.status.replicas = 2
    assert (await caller.update(created)).metadata.generation == 2
