"""Patch: parts of an object change, whatever else it is by now."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.api.v1 import resource_pb2
from protocube.meta.v1 import requests_pb2

if TYPE_CHECKING:
    from tests.server.caller import Caller

_REFUSED = "the server rejected our request due to an error in our request"


def deployment(api: Caller) -> Any:
    """Return a deployment of two containers."""
    labels = {"app": "d"}
    containers = [{"name": "a", "image": "img:1"}, {"name": "b", "image": "img:1"}]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return api.make("deployments", "d", spec=spec)


class TestText:
    """The three forms of patches as text."""

    async def test_of_operations(self, api: Caller) -> None:
        """A JSON patch is carried out whole, on the object as it is answered."""
        made = await api.create(api.make("cm", "a", data={"k": "v"}))
        done = await api.patch(
            "cm",
            "a",
            json_patch=[
                {"op": "test", "path": "/metadata/uid", "value": made.metadata.uid},
                {"op": "replace", "path": "/data/k", "value": "w"},
                {"op": "add", "path": "/data/l", "value": "x"},
            ],
        )
        assert dict(done.data) == {"k": "w", "l": "x"}
        assert await api.get("cm", "a") == done

    async def test_of_operations_that_do_not_apply_changes_nothing(self, api: Caller) -> None:
        """One that fails undoes those before it."""
        made = await api.create(api.make("cm", "a", data={"k": "v"}))
        operations = [
            {"op": "remove", "path": "/data/k"},
            {"op": "test", "path": "/metadata/name", "value": "b"},
        ]
        with pytest.raises(errors.Invalid, match=_REFUSED):
            await api.patch("cm", "a", json_patch=operations)
        assert await api.get("cm", "a") == made

    async def test_that_merges(self, api: Caller) -> None:
        """A merge patch sets members, and removes those that are null."""
        await api.create(api.make("cm", "a", data={"k": "v", "l": "w"}))
        done = await api.patch("cm", "a", merge_patch={"data": {"k": None, "m": "x"}})
        assert dict(done.data) == {"l": "w", "m": "x"}

    async def test_that_merges_lists_by_their_keys(self, api: Caller) -> None:
        """A strategic merge patch changes the element that it names."""
        await api.create(deployment(api))
        containers = [{"name": "b", "image": "img:2"}]
        change = {"spec": {"template": {"spec": {"containers": containers}}}}
        done = await api.patch("deployments", "d", strategic_merge_patch=change)
        images = {item.name: item.image for item in done.spec.template.spec.containers}
        assert images == {"a": "img:1", "b": "img:2"}
        assert done.metadata.generation == 2

    async def test_of_no_text_is_refused(self, api: Caller) -> None:
        """What is no JSON, or another kind of it, names what is wrong."""
        await api.create(api.make("cm", "a"))
        for form, text in (
            ("json_patch", "data: x"),
            ("json_patch", "{}"),
            ("merge_patch", "[]"),
            ("merge_patch", ""),
            ("strategic_merge_patch", "3"),
        ):
            with pytest.raises(errors.BadRequest):
                await api.patch("cm", "a", **{form: text})

    async def test_of_unknown_fields_is_judged_as_the_request_says(self, api: Caller) -> None:
        """By default nothing that was sent is lost silently."""
        made = await api.create(api.make("cm", "a"))
        change = '{"dota": {"k": "v"}}'
        with pytest.raises(errors.Invalid, match='strict decoding error: unknown field "dota"'):
            await api.patch("cm", "a", merge_patch=change)
        warn = requests_pb2.FIELD_VALIDATION_WARN
        assert await api.patch("cm", "a", merge_patch=change, field_validation=warn) == made

    async def test_of_a_wrong_type_names_the_field(self, api: Caller) -> None:
        """A value that the field cannot take is refused in the decoder's words."""
        await api.create(deployment(api))
        wanted = "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas"
        with pytest.raises(errors.Invalid, match=wanted):
            await api.patch("deployments", "d", merge_patch={"spec": {"replicas": "3"}})

    async def test_can_leave_another_version_of_the_object(self, api: Caller) -> None:
        """The text is read in the version that it names then, and answered in the request's."""
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
        spec = {"maxReplicas": 3, "scaleTargetRef": target}
        word = "horizontalpodautoscalers.v2.autoscaling"
        made = await api.create(api.make(word, "h", spec=spec))
        percentage = "targetCPUUtilizationPercentage"
        change = {
            "apiVersion": "autoscaling/v1",
            "spec": {percentage: 50, "metrics": None},
            "status": {"currentMetrics": None},
        }
        done = await api.patch(word, "h", merge_patch=change)
        assert type(done) is type(made)
        assert done.spec.metrics[0].resource.target.average_utilization == 50
        assert done.api_version == "autoscaling/v2"
        with pytest.raises(errors.Invalid, match='registered for version "autoscaling/v3"'):
            await api.patch(word, "h", merge_patch={"apiVersion": "autoscaling/v3"})

    async def test_takes_no_number_with_a_point_for_a_whole_one(self, api: Caller) -> None:
        """The text of two of the forms reaches the decoder as it was written, 3.0 as well."""
        await api.create(deployment(api))
        operation = '[{"op": "replace", "path": "/spec/replicas", "value": 3.0}]'
        wanted = "cannot unmarshal number 3.0 into Go struct field .* of type int32"
        for change in ({"merge_patch": '{"spec": {"replicas": 3.0}}'}, {"json_patch": operation}):
            with pytest.raises(errors.Invalid, match=wanted):
                await api.patch("deployments", "d", **change)
        change = {"strategic_merge_patch": '{"spec": {"replicas": 3.0}}'}
        assert (await api.patch("deployments", "d", **change)).spec.replicas == 3

    async def test_names_what_a_value_has_twice_where_it_ends(self, api: Caller) -> None:
        """A member that an operation's value repeats is told of the text and of the object."""
        await api.create(api.make("cm", "a"))
        operation = '[{"op": "add", "path": "/data", "value": {"a": "1", "a": "2"}}]'
        with pytest.raises(errors.Invalid) as refused:
            await api.patch("cm", "a", json_patch=operation)
        wanted = 'json patch duplicate field "[0].value.a", duplicate field "data.a"'
        assert str(refused.value).endswith(wanted)
        warn = requests_pb2.FIELD_VALIDATION_WARN
        done = await api.patch("cm", "a", json_patch=operation, field_validation=warn)
        assert dict(done.data) == {"a": "2"}

    async def test_can_read_the_owners_with_what_they_stand_in(self, api: Caller) -> None:
        """A copy of the metadata has its managedFields."""
        await api.create(deployment(api))
        copy = [{"op": "copy", "from": "/metadata", "path": "/spec/template"}]
        with pytest.raises(errors.Invalid, match=r'unknown field "spec\.template\.managedFields"'):
            await api.patch("deployments", "d", json_patch=copy)

    async def test_cannot_make_another_object_of_it(self, api: Caller) -> None:
        """Name, namespace, kind and uid stay."""
        await api.create(api.make("cm", "a"))
        for change, text in (
            ({"metadata": {"name": "b"}}, "does not match the name on the URL"),
            ({"metadata": {"name": None}}, "name must be provided"),
            ({"metadata": {"namespace": "other"}}, "does not match the namespace sent"),
            ({"kind": "Secret"}, 'no kind "Secret" is registered for version "v1"'),
            ({"metadata": {"uid": "x"}}, "metadata.uid: Invalid value"),
        ):
            with pytest.raises(errors.ApiError, match=text):
                await api.patch("cm", "a", merge_patch=change)


class TestMask:
    """A partial message and the names of the fields to take from it."""

    async def test_takes_what_it_names(self, api: Caller) -> None:
        """The named fields are set, or cleared when the message has not set them."""
        await api.create(deployment(api))
        change = api.make("deployments", spec={"replicas": 3, "minReadySeconds": 7})
        mask = {"paths": ["spec.replicas", "spec.paused"]}
        done = await api.patch("deployments", "d", object=change, update_mask=mask)
        assert done.spec.replicas == 3
        assert done.spec.min_ready_seconds == 0
        mask = {"paths": ["spec.replicas"]}
        done = await api.patch("deployments", "d", object=api.make("deployments"), update_mask=mask)
        assert done.spec.replicas == 1, "a field that is cleared has its default again"

    async def test_goes_by_names_in_json_too(self, api: Caller) -> None:
        """Readers of JSON write podIP as pod_i_p; all three are the same field."""
        made = await api.create(
            api.make("pods", "a", spec={"containers": [{"name": "c", "image": "i"}]})
        )
        status = resource_pb2.SUBRESOURCE_STATUS
        for number, name in enumerate(("pod_ip", "podIP", "pod_i_p")):
            made.status.pod_ip = f"10.0.0.{number}"
            mask = {"paths": [f"status.{name}"]}
            made.metadata.resource_version = ""
            done = await api.patch("pods", "a", object=made, update_mask=mask, subresource=status)
            assert done.status.pod_ip == f"10.0.0.{number}"

    async def test_must_name_fields_that_there_are(self, api: Caller) -> None:
        """A path that leads nowhere is told, and so is an empty mask."""
        await api.create(api.make("cm", "a"))
        change = api.make("cm", data={"k": "v"})
        for paths, text in (
            ([], "it names no field"),
            (["dota"], 'update_mask: "dota": ConfigMap has no field dota'),
            (["data.k"], 'update_mask: "data.k": data has no fields to name'),
        ):
            mask = {"paths": paths}
            with pytest.raises(errors.BadRequest, match=text):
                await api.patch("cm", "a", object=change, update_mask=mask)

    async def test_has_the_conditions_of_its_object(self, api: Caller) -> None:
        """A resource version in the message is a condition, whether the mask names it or not."""
        made = await api.create(api.make("cm", "a"))
        await api.patch("cm", "a", merge_patch={"data": {"k": "v"}})
        made.data["k"] = "w"
        mask = {"paths": ["data"]}
        with pytest.raises(errors.Conflict, match="the object has been modified"):
            await api.patch("cm", "a", object=made, update_mask=mask)


async def test_needs_a_patch(api: Caller) -> None:
    """A request without one says what it can be."""
    await api.create(api.make("cm", "a"))
    with pytest.raises(errors.BadRequest, match="it is one of json_patch, merge_patch"):
        await api.patch("cm", "a")


async def test_of_a_missing_object_is_not_found(api: Caller) -> None:
    """A patch never creates, and a name is required."""
    with pytest.raises(errors.NotFound, match='configmaps "a" not found'):
        await api.patch("cm", "a", merge_patch={"data": {"k": "v"}})
    with pytest.raises(errors.BadRequest, match="resource name may not be empty"):
        await api.patch("cm", "", merge_patch={"data": {"k": "v"}})


async def test_that_changes_nothing_writes_nothing(api: Caller) -> None:
    """The version stays, and nobody is woken."""
    made = await api.create(api.make("cm", "a", data={"k": "v"}))
    assert await api.patch("cm", "a", merge_patch={"data": {"k": "v"}}) == made


async def test_at_once_all_succeed(api: Caller) -> None:
    """Patches without a version do not get in each other's way."""
    await api.create(api.make("cm", "a"))
    changes = [{"data": {f"k{number}": "v"}} for number in range(4)]
    await asyncio.gather(*[api.patch("cm", "a", merge_patch=change) for change in changes])
    assert len((await api.get("cm", "a")).data) == 4


async def test_with_a_version_is_a_condition(api: Caller) -> None:
    """One that another write has overtaken is a conflict, not tried again."""
    made = await api.create(api.make("cm", "a"))
    await api.patch("cm", "a", merge_patch={"data": {"k": "v"}})
    stale = {"metadata": {"resourceVersion": made.metadata.resource_version}, "data": {"k": "w"}}
    with pytest.raises(errors.Conflict, match="the object has been modified"):
        await api.patch("cm", "a", merge_patch=stale)


class TestSubresource:
    """The part of the object that is patched."""

    async def test_status_changes_alone(self, api: Caller) -> None:
        """A patch of the status leaves the spec, one of the object leaves the status."""
        await api.create(deployment(api))
        change = {"spec": {"replicas": 5}, "status": {"replicas": 2}}
        status = resource_pb2.SUBRESOURCE_STATUS
        done = await api.patch("deployments", "d", merge_patch=change, subresource=status)
        assert (done.spec.replicas, done.status.replicas) == (1, 2)
        change["status"]["replicas"] = 3
        done = await api.patch("deployments", "d", merge_patch=change)
        assert (done.spec.replicas, done.status.replicas) == (5, 2)

    async def test_status_is_not_counted(self, api: Caller) -> None:
        """Annotations of a Deployment count in its generation, beside a status they do not."""
        await api.create(deployment(api))
        change = {"metadata": {"annotations": {"a": "b"}}}
        status = resource_pb2.SUBRESOURCE_STATUS
        done = await api.patch("deployments", "d", merge_patch=change, subresource=status)
        assert (done.metadata.annotations["a"], done.metadata.generation) == ("b", 1)
        change["metadata"]["annotations"]["a"] = "c"
        done = await api.patch("deployments", "d", merge_patch=change)
        assert done.metadata.generation == 2

    async def test_must_be_one_of_the_kind(self, api: Caller) -> None:
        """A kind without a status has none to patch; a Scale has methods of its own."""
        await api.create(api.make("cm", "a"))
        await api.create(deployment(api))
        status, scale = resource_pb2.SUBRESOURCE_STATUS, resource_pb2.SUBRESOURCE_SCALE
        for word, name, subresource, error in (
            ("cm", "a", status, errors.NotFound),
            ("cm", "a", scale, errors.NotFound),
            ("deployments", "d", scale, errors.BadRequest),
        ):
            with pytest.raises(error):
                await api.patch(word, name, merge_patch={}, subresource=subresource)
