"""The Helper judges manifests, settles namespaces and reads typed answers."""

from __future__ import annotations

from typing import Any

import pytest

from protocube import errors
from protocube.catalog import Catalog, Resource
from protocube.core.v1 import config_map_pb2
from protocube.manifests.manifest_error import ManifestError
from protocube_client.connection.connection import Answer
from protocube_client.resource.helper import Helper
from protocube_client.resource.validation import Validation
from tests.client.resource.recording import RecordingCaller


def _mapping(kind: str) -> Resource:
    found = Catalog.shipped().find(kind)
    assert found is not None
    return found


def _object(kind: str, name: str = "x", namespace: str = "") -> Any:
    message: Any = _mapping(kind).message_class()
    message.metadata.name = name
    message.metadata.namespace = namespace
    return message


@pytest.mark.parametrize(
    ("validation", "number"),
    [(Validation.STRICT, 1), (Validation.WARN, 2), (Validation.IGNORE, 3)],
)
async def test_a_create_carries_its_options(validation: Validation, number: int) -> None:
    """Dry run, manager, request id and field validation are fields of the request."""
    caller = RecordingCaller()
    helper = Helper(caller, _mapping("cm"), dry_run=True, field_manager="me", validation=validation)
    created = await helper.create(
        namespace="team", modify=True, object=_object("cm"), request_id="r1"
    )
    (request,) = caller.requests
    assert (request.dry_run, request.field_manager, request.request_id) == (True, "me", "r1")
    assert request.field_validation == number
    assert request.object.metadata.namespace == "team"
    answered: Any = created.object
    assert answered.metadata.resource_version == "1"


async def test_an_object_of_a_generated_class_is_sent_as_well() -> None:
    """Its class comes from another descriptor pool than the request's."""
    caller = RecordingCaller()
    message = config_map_pb2.ConfigMap(data={"a": "b"})
    await Helper(caller, _mapping("cm")).create(namespace="n", modify=False, object=message)
    assert dict(caller.requests[0].object.data) == {"a": "b"}


@pytest.mark.parametrize(("kind", "inside", "asked"), [("cm", "a", "b"), ("ns", "a", "")])
async def test_an_object_of_another_namespace_is_refused(
    kind: str, inside: str, asked: str
) -> None:
    """As the API server refuses a body that does not belong to its path."""
    caller = RecordingCaller()
    with pytest.raises(errors.BadRequest, match="does not match the namespace sent"):
        await Helper(caller, _mapping(kind)).create(
            namespace=asked, modify=True, object=_object(kind, namespace=inside)
        )
    assert caller.methods == []


async def test_without_modify_a_resource_version_is_sent() -> None:
    """It is the server's to refuse."""
    caller = RecordingCaller()
    message = _object("cm", namespace="n")
    message.metadata.resource_version = "7"
    await Helper(caller, _mapping("cm")).create(namespace="n", modify=False, object=message)
    assert caller.requests[0].object.metadata.resource_version == "7"
    message.metadata.name = "y"
    await Helper(caller, _mapping("cm")).create(namespace="n", modify=True, object=message)
    assert caller.requests[1].object.metadata.resource_version == ""
    assert message.metadata.resource_version == ""


@pytest.mark.parametrize(
    ("text", "validation"),
    [
        ("strict", Validation.STRICT),
        ("true", Validation.STRICT),
        ("warn", Validation.WARN),
        ("ignore", Validation.IGNORE),
        ("false", Validation.IGNORE),
    ],
)
def test_validation_modes_have_kubectls_names(text: str, validation: Validation) -> None:
    """Booleans are kept from its older versions."""
    assert Validation.parse(text) is validation


def test_another_validation_mode_is_refused() -> None:
    """In kubectl's words."""
    with pytest.raises(ManifestError) as caught:
        Validation.parse("bogus")
    assert str(caught.value) == (
        'invalid - validate option "bogus"; must be one of: strict (or true), warn, '
        "ignore (or false)"
    )


async def test_an_object_too_deep_for_protobuf_is_refused_in_a_sentence() -> None:
    """Its encoder and its parser know a limit of their own."""
    message = _object("cm", namespace="n")
    fields = message.metadata.managed_fields.add().fields_v1
    for _ in range(80):
        fields = fields.fields["f"].struct_value
    fields.fields["f"].bool_value = True
    with pytest.raises(errors.BadRequest, match="nested too deeply"):
        await Helper(RecordingCaller(), _mapping("cm")).create(
            namespace="n", modify=True, object=message
        )


class _AsksForVersion(RecordingCaller):
    """A server on which an update needs the version of what it replaces, which is 9."""

    async def call(self, method: str, request: bytes, *, timeout: float | None = None) -> Answer:  # noqa: ASYNC109  # the seam's signature
        """Answer reads, and updates with that version."""
        del timeout
        self.methods.append(method.rpartition("/")[2])
        stored = _object("cm")
        stored.metadata.resource_version = "9"
        if method.endswith("/Update"):
            sent: Any = _mapping("cm").update_request_class.FromString(request)
            if sent.object.metadata.resource_version != "9":
                fault = errors.Violation(
                    field="metadata.resourceVersion", reason="Invalid", message="must be specified"
                )
                raise errors.invalid("configmaps", "x", [fault])
        return Answer(body=stored.SerializeToString())


async def test_a_replacement_reads_the_version_where_it_is_asked_for() -> None:
    """A server of this release takes most kinds without; one that names a version is refused."""
    caller = _AsksForVersion()
    helper = Helper(caller, _mapping("cm"))
    replaced: Any = (await helper.replace(namespace="", object=_object("cm"))).object
    assert replaced.metadata.resource_version == "9"
    assert caller.methods == ["Update", "Get", "Update"]
    old = _object("cm")
    old.metadata.resource_version = "7"
    with pytest.raises(errors.Invalid):
        await helper.replace(namespace="", object=old)
    assert caller.methods[3:] == ["Update"]
