"""The requests of the verbs are those that the typed service of a kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import message_factory

from protocube import errors
from protocube.api.v1 import resource_pb2
from protocube.apps.v1.deployment_pb2 import Deployment
from protocube.autoscaling.v1.scale_pb2 import Scale
from protocube.catalog import Catalog
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.pod_pb2 import Pod
from protocube.meta.v1 import requests_pb2
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import target, verbs

if TYPE_CHECKING:
    from protocube_client.options import FieldValidation, PatchType, Propagation, Selection
    from protocube_client.request import Request

CATALOG = Catalog.shipped()
MAPS = target.of(CATALOG, ConfigMap)
PODS = target.of(CATALOG, Pod)
DEPLOYMENTS = target.of(CATALOG, Deployment)
CHOSEN: Selection = {
    "namespace": "team",
    "label_selector": "a=b",
    "field_selector": "metadata.name=x",
}


def typed(request: Request, verb: str, found: target.Target[Any] = MAPS) -> Any:
    """Return the request as the kind's own class reads it; it must know all of it."""
    assert request.method == f"/{found.resource.service}/{verb}"
    method = found.resource.service_descriptor.methods_by_name[verb]
    message = message_factory.GetMessageClass(method.input_type).FromString(request.body)
    known = type(message).FromString(request.body)
    known.DiscardUnknownFields()
    assert known == message
    return message


@pytest.mark.parametrize(
    ("verb", "build"),
    [
        ("Create", verbs.create),
        ("Update", verbs.update),
        ("UpdateStatus", verbs.update_status),
    ],
)
def test_a_write_carries_the_object_and_its_options(verb: str, build: Any) -> None:
    """Dry run, manager, request id and validation are fields of the request."""
    item = Pod(metadata=ObjectMeta(name="x", namespace="team"))
    request = build(
        PODS, item, dry_run=True, field_manager="me", request_id="r1", validation="warn"
    )
    message = typed(request, verb, PODS)
    assert message.object.SerializeToString() == item.SerializeToString()
    assert (message.dry_run, message.field_manager) == (True, "me")
    assert message.field_validation == requests_pb2.FIELD_VALIDATION_WARN
    assert message.request_id == "r1"


@pytest.mark.parametrize("validation", ["strict", "warn", "ignore"])
def test_validation_has_the_contracts_numbers(validation: FieldValidation) -> None:
    """They are written down here a second time, so that a create imports less."""
    message = typed(verbs.create(MAPS, ConfigMap(), validation=validation), "Create")
    name = requests_pb2.FieldValidation.Name(message.field_validation)
    assert name == f"FIELD_VALIDATION_{validation.upper()}"


def test_unknown_fields_are_refused_unless_said_otherwise() -> None:
    """Nothing that was given may be lost silently."""
    message = typed(verbs.create(MAPS, ConfigMap()), "Create")
    assert message.field_validation == requests_pb2.FIELD_VALIDATION_STRICT


def test_a_get_names_the_object() -> None:
    """By name and namespace."""
    message = typed(verbs.get(MAPS, "x", namespace="team"), "Get")
    assert message == type(message)(name="x", namespace="team")


def test_a_list_asks_for_one_page() -> None:
    """The selection and the size of a page are fields of it, and so is the next page's token."""
    first = typed(verbs.list_page(MAPS, page_size=5, **CHOSEN), "List")
    assert first == type(first)(limit=5, **CHOSEN)
    again = typed(verbs.list_page(MAPS, continue_token="next", page_size=5, **CHOSEN), "List")
    assert again == type(first)(limit=5, continue_token="next", **CHOSEN)
    whole = typed(verbs.list_page(MAPS), "List")
    assert whole == type(first)()


@pytest.mark.parametrize("propagation", ["background", "foreground", "orphan"])
def test_a_delete_carries_its_options(propagation: Propagation) -> None:
    """Propagation, grace, dry run and request id, as the contract spells them."""
    request = verbs.delete(
        MAPS,
        "x",
        namespace="team",
        propagation=propagation,
        grace_period_seconds=0,
        dry_run=True,
        request_id="r1",
    )
    message = typed(request, "Delete")
    assert (message.name, message.namespace, message.dry_run) == ("x", "team", True)
    assert message.request_id == "r1"
    assert message.HasField("grace_period_seconds")
    assert not message.HasField("preconditions")
    name = requests_pb2.PropagationPolicy.Name(message.propagation_policy)
    assert name == f"PROPAGATION_POLICY_{propagation.upper()}"


def test_a_delete_leaves_unsaid_what_was_not_given() -> None:
    """The server decides on propagation and grace then."""
    message = typed(verbs.delete(MAPS, "x"), "Delete")
    assert message == type(message)(name="x")


@pytest.mark.parametrize(("uid", "version"), [("u", ""), ("", "7"), ("u", "7")])
def test_a_delete_carries_its_conditions(uid: str, version: str) -> None:
    """Each may be given alone."""
    message = typed(verbs.delete(MAPS, "x", uid=uid, resource_version=version), "Delete")
    assert (message.preconditions.uid, message.preconditions.resource_version) == (uid, version)


def test_a_collection_is_deleted_by_selection() -> None:
    """The selection and the options are fields of the request."""
    request = verbs.delete_collection(MAPS, CHOSEN, propagation="orphan", request_id="r1")
    message = typed(request, "DeleteCollection")
    orphan = requests_pb2.PROPAGATION_POLICY_ORPHAN
    expected = type(message)(propagation_policy=orphan, request_id="r1", **CHOSEN)
    assert message == expected


def test_a_watch_says_where_it_begins() -> None:
    """It asks to be told how far the stream has come."""
    message = typed(verbs.watch(MAPS, resource_version="7", **CHOSEN), "Watch")
    assert message == type(message)(resource_version="7", send_progress=True, **CHOSEN)


def test_a_method_that_a_kind_lacks_is_refused() -> None:
    """Before anything is sent."""
    with pytest.raises(errors.MethodNotSupported):
        verbs.update_status(MAPS, ConfigMap())


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ("json", "json_patch"),
        ("merge", "merge_patch"),
        ("strategic", "strategic_merge_patch"),
    ],
)
def test_a_patch_is_text_of_its_form(form: PatchType, field: str) -> None:
    """Data is sent as its JSON text, and a text as it stands."""
    request = verbs.patch(MAPS, "x", [{"op": "ü"}], type=form, namespace="team", dry_run=True)
    message = typed(request, "Patch")
    assert (message.name, message.namespace, message.dry_run) == ("x", "team", True)
    assert (message.WhichOneof("patch"), getattr(message, field)) == (field, '[{"op":"ü"}]')
    empty = typed(verbs.patch(MAPS, "x", "", type=form), "Patch")
    assert empty.WhichOneof("patch") == field, "an empty text is the server's to refuse"


def test_a_patch_is_a_message_with_the_names_of_its_fields() -> None:
    """A message that is empty is sent, too: its fields are to be cleared."""
    message = typed(verbs.patch(MAPS, "x", ConfigMap(), fields=["data.a", "immutable"]), "Patch")
    assert message.WhichOneof("patch") == "object"
    assert list(message.update_mask.paths) == ["data.a", "immutable"]


def test_a_patch_names_its_subresource() -> None:
    """The status by a field; the Scale has a method of its own."""
    message = typed(verbs.patch(PODS, "x", {}, subresource="status"), "Patch", PODS)
    assert message.subresource == resource_pb2.SUBRESOURCE_STATUS
    typed(verbs.patch(DEPLOYMENTS, "x", {}, subresource="scale"), "PatchScale", DEPLOYMENTS)


def test_a_scale_is_read_and_written() -> None:
    """By the kind's service, with the options of every write."""
    message = typed(verbs.get_scale(DEPLOYMENTS, "x", namespace="team"), "GetScale", DEPLOYMENTS)
    assert message == type(message)(name="x", namespace="team")
    scale = Scale(metadata=ObjectMeta(name="x"))
    message = typed(
        verbs.update_scale(DEPLOYMENTS, scale, request_id="r1"), "UpdateScale", DEPLOYMENTS
    )
    assert (message.object.metadata.name, message.request_id) == ("x", "r1")


def test_a_patch_without_a_json_form_is_refused() -> None:
    """Before anything is sent."""
    with pytest.raises(TypeError, match="no JSON form"):
        verbs.patch(MAPS, "x", {"data": float("nan")})


def test_wishes_are_a_message_or_a_text() -> None:
    """With the manager's options; an empty text is the server's to refuse."""
    item = ConfigMap(metadata=ObjectMeta(name="x"))
    message = typed(verbs.apply(MAPS, item, force=True, field_manager="me"), "Apply")
    assert message.object.SerializeToString() == item.SerializeToString()
    assert (message.force, message.field_manager) == (True, "me")
    request = verbs.apply_manifest(PODS, "x", "", namespace="team", subresource="status")
    message = typed(request, "Apply", PODS)
    assert (message.WhichOneof("configuration"), message.name) == ("manifest", "x")
    assert (message.namespace, message.subresource) == ("team", resource_pb2.SUBRESOURCE_STATUS)
