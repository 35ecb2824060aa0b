"""The Helper builds typed requests and reads typed answers."""

from __future__ import annotations

from typing import Any

import pytest

from protocube import errors
from protocube.catalog import Catalog, Resource
from protocube.core.v1 import config_map_pb2
from protocube_client.connection.connection import Answer
from protocube_client.resource.helper import Helper
from protocube_client.resource.manifest_error import ManifestError
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


class _Echo:
    """Keeps one call and answers it with fixed bytes."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.method = ""
        self.request = b""
        self.timeout: float | None = None

    async def call(self, method: str, request: bytes, *, timeout: float | None = None) -> Answer:  # noqa: ASYNC109  # the seam's signature
        self.method, self.request, self.timeout = method, request, timeout
        return Answer(body=self._body, warnings=("careful",))


async def test_get_and_delete_give_the_object() -> None:
    """Through the typed methods of the kind, with warnings and time limit handed through."""
    caller = _Echo(_object("cm", "x", "n").SerializeToString())
    helper = Helper(caller, _mapping("cm"), timeout=3)
    found: Any = await helper.get(namespace="n", name="x")
    assert (caller.method, caller.timeout) == ("/protocube.core.v1.ConfigMaps/Get", 3)
    assert (found.object.metadata.name, found.warnings) == ("x", ("careful",))
    gone: Any = await helper.delete(namespace="n", name="x", grace_period_seconds=5)
    assert caller.method == "/protocube.core.v1.ConfigMaps/Delete"
    assert gone.object.metadata.name == "x"
    assert b"\x28\x05" in caller.request


async def test_list_gives_one_page() -> None:
    """The query's fields are those of the request."""
    page: Any = _mapping("cm").list_class()
    page.items.add().metadata.name = "x"
    page.metadata.continue_token = "next"
    caller = _Echo(page.SerializeToString())
    found: Any = await Helper(caller, _mapping("cm")).list(label_selector="a=b", limit=5)
    assert caller.method == "/protocube.core.v1.ConfigMaps/List"
    assert [item.metadata.name for item in found.object.items] == ["x"]
    assert b"a=b" in caller.request


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


class _Busy(RecordingCaller):
    """A server that asks for patience as often as it is told to."""

    def __init__(self, refusals: int, *, retry_after: float | None = 0) -> None:
        super().__init__()
        self.refusals = refusals
        self.refused = 0
        self._retry_after = retry_after

    async def call(self, method: str, request: bytes, *, timeout: float | None = None) -> Answer:  # noqa: ASYNC109  # the seam's signature
        if self.refused < self.refusals:
            self.refused += 1
            raise errors.TooManyRequests("busy", retry_after=self._retry_after)
        return await super().call(method, request, timeout=timeout)


async def test_a_busy_server_is_asked_again() -> None:
    """When it says that it will have time."""
    caller = _Busy(9)
    await Helper(caller, _mapping("cm")).create(namespace="d", modify=True, object=_object("cm"))
    assert len(caller.requests) == 1


@pytest.mark.parametrize(("retry_after", "asked"), [(0, 10), (None, 1)])
async def test_patience_ends(retry_after: float | None, asked: int) -> None:
    """After ten refusals, and at once when the server promises nothing."""
    caller = _Busy(99, retry_after=retry_after)
    helper = Helper(caller, _mapping("cm"))
    with pytest.raises(errors.TooManyRequests):
        await helper.create(namespace="d", modify=True, object=_object("cm"))
    assert caller.refused == asked
