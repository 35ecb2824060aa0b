"""Apply: managers share an object, each with its fields, on every store."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import json_format

from protocube import errors
from protocube.api.v1 import resource_pb2
from protocube.autoscaling.v1 import scale_requests_pb2
from protocube.meta.v1 import requests_pb2
from protocube_server.kinds import kept

if TYPE_CHECKING:
    from tests.server.caller import Caller
    from tests.server.repeating import Served

STATUS = resource_pb2.SUBRESOURCE_STATUS


def _config_map(**data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data}


def _deployment(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    labels = {"app": "d"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
    }


def _owned(found: Any) -> dict[str, Any]:
    """Return the fields of each owner of an object that tells them."""
    return {
        f"{entry.manager}/{entry.operation}": json_format.MessageToDict(entry.fields_v1)
        for entry in found.metadata.managed_fields
    }


async def _owners(api: Caller, word: str, name: str) -> dict[str, Any]:
    return _owned(await api.get(word, name, include_managed_fields=True))


async def test_managers_share_an_object(served: Served) -> None:
    """Each has its fields, and what one gives up goes unless another has it."""
    api = served.caller
    first = await api.apply(_config_map(x="1", y="1"), "m1", include_managed_fields=True)
    assert _owned(first) == {"m1/Apply": {"f:data": {"f:x": {}, "f:y": {}}}}
    await api.apply(_config_map(y="1", z="1"), "m2")
    left = await api.apply(_config_map(), "m1", include_managed_fields=True)
    assert dict(left.data) == {"y": "1", "z": "1"}
    assert _owned(left) == {
        "m1/Apply": {"f:data": {}},
        "m2/Apply": {"f:data": {"f:y": {}, "f:z": {}}},
    }


async def test_a_conflict_names_fields_and_owners(served: Served) -> None:
    """Nothing changes; details name each field and its manager; force takes the fields."""
    api = served.caller
    made = await api.apply(_config_map(x="1", y="1"), "m1")
    with pytest.raises(errors.Conflict) as caught:
        await api.apply(_config_map(x="2", y="2"), "m2")
    assert str(caught.value) == (
        'Apply failed with 2 conflicts: conflicts with "m1":\n- .data.x\n- .data.y'
    )
    assert caught.value.violations == (
        errors.Violation(
            field=".data.x",
            reason="FieldManagerConflict",
            message='conflict with "m1"',
            subject="m1",
        ),
        errors.Violation(
            field=".data.y",
            reason="FieldManagerConflict",
            message='conflict with "m1"',
            subject="m1",
        ),
    )
    assert await api.get("cm", "a") == made
    forced = await api.apply(_config_map(x="2", y="2"), "m2", force=True)
    assert dict(forced.data) == {"x": "2", "y": "2"}
    assert set(await _owners(api, "cm", "a")) == {"m2/Apply"}


async def test_creates_what_is_deleted_meanwhile(served: Served) -> None:
    """Before a deletion or behind it, an apply has something to do: it never misses the object."""
    api = served.caller
    for _ in range(20):
        await api.apply(_config_map(x="1"), "m1")
        applied, _ = await asyncio.gather(
            api.apply(_config_map(x="2"), "m1"), api.delete("cm", "a")
        )
        assert dict(applied.data) == {"x": "2"}


async def test_updates_are_owned_by_their_managers(served: Served) -> None:
    """Create, Update, Patch and UpdateStatus take what they change, by the manager's name."""
    api = served.caller
    message = json_format.ParseDict(
        _deployment({"name": "c", "image": "img:1"}), api.resource("deploy").message_class()
    )
    made = await api.create(message, field_manager="creator")
    made.spec.replicas = 2
    made = await api.update(made, field_manager="updater")
    await api.patch(
        "deploy", "d", merge_patch={"metadata": {"labels": {"a": "b"}}}, field_manager="patcher"
    )
    made = await api.get("deploy", "d")
    made.status.replicas = 2
    await api.write("UpdateStatus", made, field_manager="controller")
    owned = await _owners(api, "deploy", "d")
    assert owned["updater/Update"] == {"f:spec": {"f:replicas": {}}}
    assert owned["patcher/Update"] == {"f:metadata": {"f:labels": {".": {}, "f:a": {}}}}
    assert owned["controller/Update"] == {"f:status": {"f:replicas": {}}}
    assert "f:replicas" not in owned["creator/Update"]["f:spec"]
    container = owned["creator/Update"]["f:spec"]["f:template"]["f:spec"]["f:containers"]
    assert container['k:{"name":"c"}']["f:image"] == {}
    with pytest.raises(errors.Conflict, match=r'"updater" using apps/v1: \.spec\.replicas'):
        await api.apply(_deployment({"name": "c", "image": "img:1"}, replicas=5), "applier")


async def test_one_writer_leaves_a_note(served: Served) -> None:
    """An object that one manager writes again and again has some bytes in front of it."""
    api = served.caller
    made = await api.create(api.make("cm", "a", data={"k": "x" * 999}), field_manager="kubectl")
    for number in range(3):
        made.data["k"] = str(number)
        made = await api.update(made, field_manager="kubectl")
    kind = served.api.editions.current.kinds.for_message("protocube.core.v1.ConfigMap")
    assert kind is not None
    record = await served.api.store.get(kind.key("default", "a"))
    assert record is not None
    assert len(kept.read(record.value)) < 24
    assert await _owners(api, "cm", "a") == {"kubectl/Update": {"f:data": {".": {}, "f:k": {}}}}


async def test_answers_tell_owners_when_asked(served: Served) -> None:
    """Get, List, Watch and the writes tell them; nothing does without being asked."""
    api = served.caller
    message = api.make("cm", "a", data={"k": "v"}, metadata={"labels": {"x": "y"}})
    ours = {"include_managed_fields": True}
    made = await api.create(message, field_manager="m", **ours)
    labels: dict[str, Any] = {"f:labels": {".": {}, "f:x": {}}}
    owned = {"m/Update": {"f:data": {".": {}, "f:k": {}}, "f:metadata": labels}}
    assert _owned(made) == owned
    for selector in ("", "x=y"):
        (item,) = (await api.list("cm", label_selector=selector, **ours)).items
        assert _owned(item) == owned
        (item,) = (await api.list("cm", label_selector=selector)).items
        assert _owned(item) == {}
    async with aclosing(api.watch("cm", **ours)) as asked, aclosing(api.watch("cm")) as plain:
        assert _owned((await anext(asked)).events[0].object) == owned
        assert _owned((await anext(plain)).events[0].object) == {}
        made.metadata.ClearField("managed_fields")
        made.data["l"] = "w"
        changed = await api.update(made, field_manager="m")
        assert _owned(changed) == {}
        assert "f:l" in _owned((await anext(asked)).events[0].object)["m/Update"]["f:data"]
        assert _owned((await anext(plain)).events[0].object) == {}
    assert _owned(await api.delete("cm", "a", **ours))


async def test_a_dry_run_changes_nothing(served: Served) -> None:
    """It answers what an apply would come to, owners included."""
    api = served.caller
    await api.apply(_config_map(x="1"), "m1")
    before = await api.get("cm", "a", include_managed_fields=True)
    tried = await api.apply(
        _config_map(x="1", y="1"), "m1", dry_run=True, include_managed_fields=True
    )
    assert _owned(tried) == {"m1/Apply": {"f:data": {"f:x": {}, "f:y": {}}}}
    assert await api.get("cm", "a", include_managed_fields=True) == before
    with pytest.raises(errors.NotFound):
        await api.apply(_deployment(), "m", dry_run=True, subresource=STATUS)


async def test_a_repeated_apply_writes_nothing(served: Served) -> None:
    """The same configuration again is the same version, and so is a repeated request."""
    api = served.caller
    made = await api.apply(_config_map(x="1"), request_id="once")
    assert await api.apply(_config_map(x="1")) == made
    await api.apply(_config_map(x="2"))
    assert await api.apply(_config_map(x="1"), request_id="once") == made


async def test_a_message_applies_what_it_has_set(api: Caller) -> None:
    """Zero values of a message are not set; the text can say them."""
    service = api.make("svc", "s", spec={"ports": [{"port": 80}]})
    service.ClearField("api_version")
    made = await api.apply(service, include_managed_fields=True)
    ports: dict[str, Any] = {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}}}
    assert _owned(made) == {"m1/Apply": {"f:spec": {"f:ports": ports}}}
    paused = await api.apply(_deployment({"name": "c", "image": "i"}, paused=False), "text")
    assert "f:paused" in (await _owners(api, "deploy", "d"))["text/Apply"]["f:spec"]
    assert not paused.spec.paused


async def test_status_is_applied_for_itself(api: Caller) -> None:
    """The main object leaves it, and it leaves the main object; a missing one is not created."""
    wanted = {**_deployment(), "status": {"replicas": 3}}
    with pytest.raises(errors.NotFound):
        await api.apply(wanted, "s", subresource=STATUS)
    config = _deployment({"name": "c", "image": "img:1"})
    await api.apply(config | {"status": {"replicas": 9}}, "m1")
    done = await api.apply(wanted, "s", subresource=STATUS)
    assert (done.status.replicas, done.spec.replicas) == (3, 1)
    owned = await _owners(api, "deploy", "d")
    assert owned["s/Apply"] == {"f:status": {"f:replicas": {}}}
    assert "f:status" not in owned["m1/Apply"]


async def test_a_scale_is_owned(api: Caller) -> None:
    """The scaler takes the replicas of the applier, without a time."""
    await api.apply(_deployment({"name": "c", "image": "img:1"}, replicas=1))
    request = scale_requests_pb2.PatchScaleRequest(
        name="d", merge_patch='{"spec":{"replicas":4}}', field_manager="hpa"
    )
    await api.scale("PatchScale", "deploy", request)
    found = await api.get("deploy", "d", include_managed_fields=True)
    entry = next(each for each in found.metadata.managed_fields if each.manager == "hpa")
    assert (entry.subresource, entry.HasField("time")) == ("scale", False)
    with pytest.raises(errors.Conflict, match='"hpa" with subresource "scale" using apps/v1'):
        await api.apply(_deployment({"name": "c", "image": "img:1"}, replicas=1))


@pytest.mark.parametrize(
    ("changed", "fields", "error", "text"),
    [
        ({}, {"manager": ""}, errors.Invalid, "fieldManager: Required value: is required for"),
        ({}, {"manager": "a\nb"}, errors.Invalid, r"invalid character U\+000A"),
        ({"kind": "Secret"}, {}, errors.BadRequest, "invalid object type: /v1, Kind=Secret"),
        (
            {"dota": {}},
            {},
            errors.BadRequest,
            r"object \(/a; /v1, Kind=ConfigMap\): .dota: field not declared in schema",
        ),
        (
            {"dota": {}, "metadata": {"name": "a", "namespace": "default"}},
            {},
            errors.BadRequest,
            r"object \(default/a; /v1, Kind=ConfigMap\): .dota: field not declared in schema",
        ),
        ({"data": {"x": 1}}, {}, errors.BadRequest, ".data.x: expected string, got 1"),
        ({"metadata": {"name": "b"}}, {}, errors.BadRequest, "does not match the name on the URL"),
        ({"metadata": {}}, {}, errors.BadRequest, "undeterminable: name must be provided"),
        (
            {"metadata": {"name": "a", "managedFields": []}},
            {},
            errors.BadRequest,
            "metadata.managedFields must be nil",
        ),
        (
            {"metadata": {"name": "a", "finalizers": ["x.io/a", "x.io/a"]}},
            {},
            errors.BadRequest,
            "duplicate entries for key",
        ),
        (
            {"metadata": {"name": "a", "uid": "11111111-1111-4111-8111-111111111111"}},
            {},
            errors.Conflict,
            "uid mismatch",
        ),
    ],
)
async def test_what_is_refused(
    api: Caller,
    changed: dict[str, Any],
    fields: dict[str, Any],
    error: type[errors.ApiError],
    text: str,
) -> None:
    """In Kubernetes' words, and with nothing created."""
    manager = fields.get("manager", "m")
    wanted = _config_map(x="1") | changed
    resource = api.resource("cm")
    request = resource.request_class("Apply")(
        name="a", field_manager=manager, manifest=json.dumps(wanted)
    )
    with pytest.raises(error, match=text):
        await api.send(f"/{resource.service}/Apply", request.SerializeToString())
    with pytest.raises(errors.NotFound):
        await api.get("cm", "a")


async def test_many_appliers_at_once(served: Served) -> None:
    """Each apply is done anew when another one was faster, and none is lost."""
    api = served.caller
    await api.create(api.make("cm", "a"))
    await asyncio.gather(*(api.apply(_config_map(**{f"k{n}": "v"}), f"m{n}") for n in range(4)))
    found = await api.get("cm", "a", include_managed_fields=True)
    assert sorted(found.data) == [f"k{n}" for n in range(4)]
    assert len(found.metadata.managed_fields) == 4


async def test_owners_can_be_written(api: Caller) -> None:
    """A patch can hand fields over, or take all owners away."""
    await api.create(api.make("cm", "a", data={"x": "1"}), field_manager="old")
    entry = {
        "manager": "new",
        "operation": "Apply",
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:data": {"f:x": {}}},
    }
    handed = [{"op": "replace", "path": "/metadata/managedFields", "value": [entry]}]
    await api.patch("cm", "a", json_patch=handed)
    assert await _owners(api, "cm", "a") == {"new/Apply": {"f:data": {"f:x": {}}}}
    await api.patch("cm", "a", merge_patch={"metadata": {"managedFields": []}})
    assert await _owners(api, "cm", "a") == {}


async def test_the_program_is_the_manager_unless_one_is_named(api: Caller) -> None:
    """Its user agent up to the first slash."""
    await api.create(api.make("cm", "a", data={"x": "1"}))
    (owner,) = await _owners(api, "cm", "a")
    assert owner.startswith("grpc-python")


async def test_a_manifest_may_be_yaml(api: Caller) -> None:
    """The first document counts; a name that occurs twice is refused, or a warning."""
    resource = api.resource("cm")
    text = (
        "---\n# one\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
        "data:\n  x: 'on'\n  z: \"1\"\n---\nkind: Secret\n"
    )
    request: Any = resource.request_class("Apply")(name="a", field_manager="m", manifest=text)
    method = f"/{resource.service}/Apply"
    reply = await api.send(method, request.SerializeToString())
    made: Any = resource.message_class.FromString(reply.body)
    assert dict(made.data) == {"x": "on", "z": "1"}
    request.manifest = text.replace("z:", "x:")
    with pytest.raises(errors.BadRequest, match='line 10: key "x" already set in map'):
        await api.send(method, request.SerializeToString())
    request.field_validation = requests_pb2.FIELD_VALIDATION_WARN
    reply = await api.send(method, request.SerializeToString())
    assert reply.warnings == ('line 10: key "x" already set in map',)
    request.manifest = "\u00a0" + json.dumps({"apiVersion": "v1", "kind": "ConfigMap"})
    with pytest.raises(errors.BadRequest, match="error decoding YAML"):
        await api.send(method, request.SerializeToString())
    request.manifest = "a: [b\nc: d"
    with pytest.raises(errors.BadRequest, match="error decoding YAML: yaml: line 1: did not find"):
        await api.send(method, request.SerializeToString())


async def test_an_object_may_name_its_namespace_and_itself(api: Caller) -> None:
    """The request need not repeat them."""
    await api.create(api.make("ns", "team"))
    wanted = api.make("cm", metadata={"name": "a", "namespace": "team"}, data={"k": "v"})
    made = await api.apply(wanted)
    assert (made.metadata.namespace, made.metadata.name) == ("team", "a")
