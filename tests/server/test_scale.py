"""GetScale, UpdateScale and PatchScale: the number of replicas, whatever the kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.autoscaling.v1 import scale_pb2, scale_requests_pb2
from protocube.meta.v1 import requests_pb2

if TYPE_CHECKING:
    from tests.server.caller import Caller


async def deployment(api: Caller) -> Any:
    """Create a deployment of two replicas."""
    labels = {"app": "d"}
    pod = {"containers": [{"name": "a", "image": "img"}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    return await api.create(api.make("deployments", "d", spec=spec))


async def read(api: Caller, word: str = "deployments", name: str = "d") -> Any:
    """Return the Scale of an object."""
    return await api.scale("GetScale", word, requests_pb2.GetRequest(name=name))


async def update(api: Caller, scale: scale_pb2.Scale, **options: Any) -> Any:
    """Send a Scale of a deployment."""
    request = scale_requests_pb2.UpdateScaleRequest(object=scale, **options)
    return await api.scale("UpdateScale", "deployments", request)


async def test_shows_the_object(api: Caller) -> None:
    """It has the object's names, uid, version and birth, and its numbers."""
    made = await deployment(api)
    scale = await read(api)
    assert (scale.api_version, scale.kind) == ("autoscaling/v1", "Scale")
    assert scale.metadata.creation_timestamp.seconds == made.metadata.creation_timestamp.seconds
    for name in ("name", "namespace", "uid", "resource_version"):
        assert getattr(scale.metadata, name) == getattr(made.metadata, name), name
    assert (scale.spec.replicas, scale.status.replicas) == (2, 0)
    assert scale.status.selector == "app=d"


async def test_finds_a_selector_that_is_a_map(api: Caller) -> None:
    """Replication controllers select by a map; the text is the same."""
    labels = {"b": "2", "a": "1"}
    pod = {"containers": [{"name": "a", "image": "img"}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    await api.create(api.make("rc", "r", spec={"selector": labels, "template": template}))
    scale = await read(api, "rc", "r")
    assert (scale.spec.replicas, scale.status.selector) == (1, "a=1,b=2")


async def test_sets_the_number(api: Caller) -> None:
    """The object's spec changes with it, and its generation."""
    await deployment(api)
    scale = await read(api)
    scale.spec.replicas = 0
    done = await update(api, scale)
    assert done.spec.replicas == 0
    found = await api.get("deployments", "d")
    assert (found.spec.replicas, found.metadata.generation) == (0, 2)
    assert found.metadata.resource_version == done.metadata.resource_version


async def test_holds_the_version_that_it_names(api: Caller) -> None:
    """A stale one is a conflict of the object; without one the newest is meant."""
    await deployment(api)
    scale = await read(api)
    scale.spec.replicas = 3
    await update(api, scale)
    with pytest.raises(errors.Conflict, match=r'fulfilled on deployments\.apps "d"'):
        await update(api, scale)
    scale.metadata.resource_version = ""
    scale.spec.replicas = 4
    assert (await update(api, scale)).spec.replicas == 4


async def test_is_of_the_object_with_its_uid(api: Caller) -> None:
    """Another uid is Invalid, whichever way the number is set, as in a patch of the object."""
    await deployment(api)
    scale = await read(api)
    scale.metadata.uid = "another"
    patch = scale_requests_pb2.PatchScaleRequest(
        name="d", merge_patch='{"metadata": {"uid": "another"}, "spec": {"replicas": 7}}'
    )
    said = r"metadata\.uid: Invalid value: \"another\": field is immutable"
    with pytest.raises(errors.Invalid, match=said):
        await update(api, scale)
    with pytest.raises(errors.Invalid, match=said):
        await api.scale("PatchScale", "deployments", patch)
    with pytest.raises(errors.Invalid, match=said):
        await api.patch("deployments", "d", merge_patch='{"metadata": {"uid": "another"}}')


async def test_without_a_number_is_none(api: Caller) -> None:
    """A Scale that says no number says 0, as every message does of a field that is not set."""
    await deployment(api)
    scale = await read(api)
    scale.ClearField("spec")
    await update(api, scale)
    assert (await api.get("deployments", "d")).spec.replicas == 0


async def test_refuses_a_negative_number(api: Caller) -> None:
    """The fault is the Scale's."""
    await deployment(api)
    scale = await read(api)
    scale.spec.replicas = -1
    with pytest.raises(errors.Invalid) as caught:
        await update(api, scale)
    assert caught.value.message == (
        'Scale.autoscaling "d" is invalid: spec.replicas: Invalid value: -1: '
        "must be greater than or equal to 0"
    )


async def test_can_be_patched(api: Caller) -> None:
    """By text or by a mask, as an object can."""
    await deployment(api)
    request = scale_requests_pb2.PatchScaleRequest(name="d", merge_patch='{"spec":{"replicas":7}}')
    assert (await api.scale("PatchScale", "deployments", request)).spec.replicas == 7
    request = scale_requests_pb2.PatchScaleRequest(name="d")
    request.object.spec.replicas = 8
    request.update_mask.paths.append("spec.replicas")
    assert (await api.scale("PatchScale", "deployments", request)).spec.replicas == 8


async def test_answers_a_repeated_call_once(api: Caller) -> None:
    """With a request id a second call is answered with what the first one did."""
    await deployment(api)
    scale = await read(api)
    scale.spec.replicas = 5
    first = await update(api, scale, request_id="r")
    assert await update(api, scale, request_id="r") == first


async def test_is_of_kinds_that_say_so(api: Caller) -> None:
    """A kind without the subresource has no such method."""
    with pytest.raises(errors.MethodNotSupported):
        await read(api, "cm", "a")


async def apply(
    api: Caller, replicas: int | None, manager: str = "m1", *, word: str = "deploy", **fields: Any
) -> Any:
    """Apply a Scale of ``d`` as text."""
    spec = {} if replicas is None else {"replicas": replicas}
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "d"}}
    request = scale_requests_pb2.ApplyScaleRequest(
        name="d",
        manifest=fields.pop("manifest", json.dumps({**scale, "spec": spec})),
        field_manager=manager,
        **fields,
    )
    return await api.scale("ApplyScale", word, request)


async def owners_of_replicas(api: Caller) -> dict[str, str]:
    """Return who owns the number of ``d``, each with its operation and part."""
    found = await api.get("deploy", "d", include_managed_fields=True)
    return {
        entry.manager: f"{entry.operation} {entry.subresource}".strip()
        for entry in found.metadata.managed_fields
        if "f:replicas" in entry.fields_v1["f:spec"]
    }


async def test_a_number_is_applied(api: Caller) -> None:
    """Who owns it is asked; an equal number is shared, and force takes it."""
    made = await deployment(api)
    with pytest.raises(errors.Conflict) as caught:
        await apply(api, 5)
    (fault,) = caught.value.violations
    assert fault.field == ".spec.replicas"
    assert caught.value.message.endswith(" using autoscaling/v1: .spec.replicas")
    assert (await apply(api, 2)).spec.replicas == 2
    assert (await owners_of_replicas(api))["m1"] == "Apply scale"
    assert len(await owners_of_replicas(api)) == 2
    assert (await apply(api, 5, force=True)).spec.replicas == 5
    assert await owners_of_replicas(api) == {"m1": "Apply scale"}
    found = await api.get("deploy", "d")
    assert found.metadata.generation == made.metadata.generation + 1


async def test_a_number_is_applied_as_a_message(api: Caller) -> None:
    """The object's name stands in the Scale; what no answer could carry is told by its field."""
    await deployment(api)
    scale = scale_pb2.Scale(spec=scale_pb2.ScaleSpec(replicas=7))
    scale.metadata.name = "d"
    request = scale_requests_pb2.ApplyScaleRequest(object=scale, field_manager="m1", force=True)
    assert (await api.scale("ApplyScale", "deploy", request)).spec.replicas == 7
    request.object.metadata.creation_timestamp.seconds = 2**62
    with pytest.raises(errors.Invalid, match=r"metadata\.creationTimestamp"):
        await api.scale("ApplyScale", "deploy", request)


async def test_two_appliers_of_a_number(api: Caller) -> None:
    """The second one must take it, and then the first one conflicts with it by its part."""
    await deployment(api)
    await apply(api, 3, force=True)
    with pytest.raises(errors.Conflict, match=r'^Apply failed .* conflict with "m1" with subres'):
        await apply(api, 4, "m2")
    await apply(api, 4, "m2", force=True)
    assert await owners_of_replicas(api) == {"m2": "Apply scale"}
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"replicas": 1},
    }
    with pytest.raises(errors.Conflict, match='conflict with "m2" with subresource "scale": '):
        await api.apply(manifest, "m3")


async def test_a_number_is_given_up(api: Caller) -> None:
    """It stays when another one owns it, and is 0 when nobody does."""
    await deployment(api)
    await apply(api, 3, force=True)
    await apply(api, 3, "m2")
    assert (await apply(api, None)).spec.replicas == 3
    assert await owners_of_replicas(api) == {"m2": "Apply scale"}
    assert (await apply(api, None, "m2")).spec.replicas == 0
    assert not await owners_of_replicas(api)


async def test_a_number_that_is_nobodys(api: Caller) -> None:
    """It belongs to whatever was before the first apply, as in Kubernetes."""
    labels = {"app": "d"}
    pod = {"containers": [{"name": "a", "image": "img"}]}
    spec = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}}
    await api.apply(manifest | {"spec": spec}, "m0")
    with pytest.raises(errors.Conflict, match=r'"before-first-apply" with subresource "scale"'):
        await apply(api, 4)
    assert (await apply(api, 1)).spec.replicas == 1
    found = await owners_of_replicas(api)
    assert found == {"m1": "Apply scale", "before-first-apply": "Update scale"}


async def test_what_no_number_can_be_applied_by(api: Caller) -> None:
    """Another kind, no manager, a wrong number, another version or object, and no object."""
    made = await deployment(api)
    wrong = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}}
    with pytest.raises(errors.BadRequest, match=r"^invalid object type: apps/v1, Kind=Deployment$"):
        await apply(api, 1, manifest=json.dumps(wrong))
    with pytest.raises(errors.Invalid, match="fieldManager: Required value"):
        await apply(api, 1, "")
    with pytest.raises(errors.Invalid, match=r'^Scale\.autoscaling "d" is invalid: spec\.repl'):
        await apply(api, -1, force=True)
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": 2}}
    other = scale | {"metadata": {"name": "d", "uid": "other"}}
    with pytest.raises(errors.Invalid, match=r"metadata\.uid"):
        await apply(api, 1, manifest=json.dumps(other))
    old = scale | {"metadata": {"name": "d", "resourceVersion": "1"}}
    with pytest.raises(errors.Conflict, match="the object has been modified"):
        await apply(api, 1, manifest=json.dumps(old))
    unknown = scale | {"metadata": {"name": "d"}, "spec": {"replica": 2}}
    with pytest.raises(errors.BadRequest, match=r"\.spec\.replica: field not declared in schema"):
        await apply(api, 1, manifest=json.dumps(unknown))
    assert await api.get("deploy", "d") == made
    await api.delete("deploy", "d")
    with pytest.raises(errors.NotFound):
        await apply(api, 1)


async def test_a_number_is_only_tried(api: Caller) -> None:
    """A dry run tells what would be, and writes nothing."""
    made = await deployment(api)
    assert (await apply(api, 7, force=True, dry_run=True)).spec.replicas == 7
    assert await api.get("deploy", "d") == made
