"""The catalog: the kinds that descriptors describe, and the ways to name them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from google.protobuf import descriptor_pb2

from protocube.api.v1 import resource_pb2
from protocube.catalog import Catalog


@pytest.fixture
def catalog() -> Catalog:
    """Provide the shipped catalog."""
    return Catalog.shipped()


def test_is_read_once() -> None:
    """The image is parsed at the first use only."""
    assert Catalog.shipped() is Catalog.shipped()


def test_holds_the_kinds_in_order(catalog: Catalog) -> None:
    """Resources are sorted by group, version and plural."""
    names = [(item.group, item.version, item.plural) for item in catalog.resources]
    assert names == sorted(names)
    assert {"configmaps", "events", "namespaces", "pods", "secrets", "serviceaccounts"} <= {
        item.plural for item in catalog.resources if item.group == ""
    }


@pytest.mark.parametrize(
    "text",
    [
        "deployments",
        "deployment",
        "deploy",
        "Deployment",
        "DEPLOYMENTS",
        "deployments.apps",
        "deploy.apps",
        "Deployment.v1.apps",
        "deployments.v1.apps",
    ],
)
def test_finds_what_people_write(catalog: Catalog, text: str) -> None:
    """Plural, singular, short name and kind, in any case, with group and version or without."""
    found = catalog.find(text)
    assert found is not None
    assert found.message == "protocube.apps.v1.Deployment"


def test_finds_the_core_group_by_its_version(catalog: Catalog) -> None:
    """The core group has no name: ``pods.v1.`` ends in a dot, as for kubectl."""
    assert catalog.find("pods.v1.") is catalog.find("po")


@pytest.mark.parametrize(
    "text", ["", ".", "nope", "pods.apps", "deployments.v2.apps", "pods.v1", "deployments.app"]
)
def test_does_not_guess(catalog: Catalog, text: str) -> None:
    """What is not exactly a name is not found."""
    assert catalog.find(text) is None


def test_finds_what_manifests_and_messages_say(catalog: Catalog) -> None:
    """A manifest names apiVersion and kind, code names the message."""
    found = catalog.for_kind("apps/v1", "Deployment")
    assert found is not None
    assert found is catalog.for_message("protocube.apps.v1.Deployment")
    assert catalog.for_kind("v1", "Deployment") is None
    assert catalog.for_kind("apps/v1", "deployment") is None
    assert catalog.for_message("protocube.core.v1.PodSpec") is None


def test_one_version_of_a_kind_is_stored(catalog: Catalog) -> None:
    """Objects lie under the plural and group of the version that is stored, in its form."""
    for served, stored in (
        ("hpa.v1.autoscaling", "hpa.v2.autoscaling"),
        ("events.v1.events.k8s.io", "events"),
        ("pods", "pods"),
    ):
        resource, expected = catalog.find(served), catalog.find(stored)
        assert resource is not None
        assert expected is not None
        assert catalog.stored_form(resource) is expected
        assert catalog.stored(expected.qualified) is expected
    assert catalog.stored("events.events.k8s.io") is None


@pytest.mark.parametrize(
    ("stored_as", "said"),
    [
        ("", "horizontalpodautoscalers.autoscaling, and so is another version"),
        ("protocube.events.v1.Event", "names protocube.events.v1.Event, which is not stored"),
        ("protocube.core.v1.Nothing", "names protocube.core.v1.Nothing, which is not stored"),
    ],
)
def test_a_stored_form_must_be_the_only_one(stored_as: str, said: str) -> None:
    """Two forms under one key, or a form that is stored as another, could not be read back."""
    changed = _changed("autoscaling/v1/horizontal_pod_autoscaler.proto", stored_as=stored_as)
    resource = changed.find("hpa.v1.autoscaling")
    assert resource is not None
    with pytest.raises(ValueError, match=re.escape(said)):
        changed.stored_form(resource)


def test_knows_categories(catalog: Catalog) -> None:
    """``all`` is a group of kinds that a command line can name at once."""
    assert {item.plural for item in catalog.in_category("all")} >= {"pods", "deployments"}
    assert catalog.in_category("nope") == ()


def test_a_resource_has_all_its_names(catalog: Catalog) -> None:
    """Names follow from the option, with and without a group."""
    pod, deployment = catalog.find("po"), catalog.find("deploy")
    assert pod is not None
    assert deployment is not None
    assert (pod.api_version, pod.qualified, pod.qualified_kind) == ("v1", "pods", "Pod")
    assert (deployment.api_version, deployment.qualified, deployment.qualified_kind) == (
        "apps/v1",
        "deployments.apps",
        "Deployment.apps",
    )
    assert (pod.message, pod.service) == ("protocube.core.v1.Pod", "protocube.core.v1.Pods")
    assert pod.namespaced
    assert resource_pb2.SUBRESOURCE_STATUS in pod.subresources
    assert pod.methods == (
        "Create", "Get", "List", "Update", "UpdateStatus", "Patch", "Apply", "Evict", "Bind",
        "Delete", "DeleteCollection", "Watch",
    )  # fmt: skip


def test_options_are_filled_in(catalog: Catalog) -> None:
    """What an option leaves out is there for whoever reads it."""
    for item in catalog.resources:
        assert item.options.kind == item.kind
        assert item.options.singular == item.singular
        assert item.options.scope in (resource_pb2.SCOPE_NAMESPACED, resource_pb2.SCOPE_CLUSTER)
        assert item.options.name_format != resource_pb2.NAME_FORMAT_UNSPECIFIED
        assert item.service.endswith(f".{item.options.service}")


def test_classes_are_those_of_the_service(catalog: Catalog) -> None:
    """Requests, lists and watches of every kind come from its descriptors."""
    for item in catalog.resources:
        name = item.descriptor.name
        if item.options.review:
            assert item.methods == ("Create",)
            assert item.create_request_class.DESCRIPTOR.name == f"Create{name}Request"
            continue
        classes = (
            item.message_class,
            item.list_class,
            item.create_request_class,
            item.update_request_class,
            item.watch_response_class,
        )
        assert [kind.DESCRIPTOR.name for kind in classes] == [
            name,
            f"{name}List",
            f"Create{name}Request",
            f"Update{name}Request",
            f"{name}WatchResponse",
        ]
        assert item.list_class().DESCRIPTOR.fields_by_name["items"].message_type is item.descriptor


def test_a_full_name_wins_over_a_short_one() -> None:
    """A short name of one kind never hides another kind."""
    found = _changed("core/v1/secret.proto", short_names=["pods"]).find("pods")
    assert found is not None
    assert found.kind == "Pod"


def test_a_resource_needs_a_group_version() -> None:
    """Without a version nobody could write its ``apiVersion``: the file is named."""
    file = descriptor_pb2.FileDescriptorProto(
        name="x.proto", package="x", syntax="proto3", dependency=["protocube/api/v1/resource.proto"]
    )
    message = file.message_type.add(name="Thing")
    message.options.Extensions[resource_pb2.resource].plural = "things"
    with pytest.raises(ValueError, match=r"^x\.proto: Thing is a resource, but the file has no"):
        Catalog([*Catalog.shipped().files, file])


def _changed(name: str, **options: Any) -> Catalog:
    """Return the shipped catalog with other options on the resource of one file."""
    files = [*Catalog.shipped().files]
    changed = descriptor_pb2.FileDescriptorProto()
    index = next(i for i, file in enumerate(files) if file.name.endswith(name))
    changed.CopyFrom(files[index])
    for message in changed.message_type:
        if message.options.HasExtension(resource_pb2.resource):
            option: Any = message.options.Extensions[resource_pb2.resource]
            for field in options:
                option.ClearField(field)
            option.MergeFrom(resource_pb2.Resource(**options))
    files[index] = changed
    return Catalog(files)
