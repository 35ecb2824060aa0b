"""What no answer could carry is found, by field: values without JSON, and nesting too deep."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    field_mask_pb2,
    json_format,
    message_factory,
)

from protocube.catalog import Catalog
from protocube_server import turns
from protocube_server.kinds.expressible import MOST_LEVELS, Expressible

if TYPE_CHECKING:
    from collections.abc import Callable

_CATALOG = Catalog.shipped()
_LAST_SECOND = 253_402_300_799


def make(word: str) -> Any:
    """Return an empty object."""
    found = _CATALOG.find(word)
    assert found is not None
    return found.message_class()


def faults(message: Any) -> list[str]:
    """Return the faults of a message as texts."""
    return [str(fault) for fault in turns.at_once(Expressible(message.DESCRIPTOR).faults(message))]


def _time(**fields: int) -> Callable[[], Any]:
    def made() -> Any:
        pod = make("pods")
        for name, value in fields.items():
            setattr(pod.metadata.creation_timestamp, name, value)
        return pod

    return made


@pytest.mark.parametrize(
    ("made", "is_good"),
    [
        (_time(seconds=_LAST_SECOND, nanos=999_999_999), True),
        (_time(seconds=_LAST_SECOND + 1), False),
        (_time(seconds=-62_135_596_800), True),
        (_time(seconds=-62_135_596_801), False),
        (_time(nanos=-1), False),
        (_time(nanos=1_000_000_000), False),
        (_time(seconds=2**63 - 1), False),
    ],
)
def test_a_time_is_good_when_it_has_a_json_form(made: Callable[[], Any], *, is_good: bool) -> None:
    """json_format is the witness; the field is named."""
    pod = made()
    if is_good:
        json_format.MessageToJson(pod)
        assert faults(pod) == []
        return
    with pytest.raises(json_format.SerializeToJsonError):
        json_format.MessageToJson(pod)
    (fault,) = faults(pod)
    assert fault.startswith("metadata.creationTimestamp: Invalid value: ")


def test_values_and_numbers_are_named_where_they_are() -> None:
    """In lists, maps and values within values, each once."""
    crd = make("customresourcedefinitions")
    schema = crd.spec.versions.add().schema.open_apiv3_schema
    schema.default.struct_value.fields["a"].list_value.values.add().number_value = math.inf
    schema.default.struct_value.fields["b"].list_value.values.add().bool_value = True
    schema.example.SetInParent()
    schema.properties["x"].maximum = math.nan
    schema.properties["x"].minimum = 1.5
    schema.enum.add()
    start = "spec.versions[0].schema.openAPIV3Schema"
    assert sorted(faults(crd)) == [
        f"{start}.default[a][0]: Invalid value: inf: must be a finite number",
        (
            f"{start}.enum[0]: Invalid value: null: must be null, a boolean, a number, a string, "
            "a list or an object"
        ),
        (
            f"{start}.example: Invalid value: null: must be null, a boolean, a number, a string, "
            "a list or an object"
        ),
        f"{start}.properties[x].maximum: Invalid value: nan: must be a finite number",
    ]


def nested(levels: int) -> Any:
    """Return a CRD with values so many messages within each other, at its deepest."""
    crd = make("customresourcedefinitions")
    value = crd.spec.versions.add().schema.open_apiv3_schema.default
    depth = 5
    while depth + 2 <= levels:
        value = value.list_value.values.add()
        depth += 2
    value.list_value.SetInParent() if depth < levels else setattr(value, "bool_value", True)
    return crd


def _within_two(descriptor: Any) -> Any:
    """Return a type whose messages hold one that holds one of a type."""
    pool = descriptor_pool.DescriptorPool()
    _add(pool, descriptor.file)
    file = descriptor_pb2.FileDescriptorProto(
        name="around.proto", syntax="proto3", dependency=[descriptor.file.name]
    )
    for name, held in (("Inner", descriptor.full_name), ("Outer", "Inner")):
        file.message_type.add(name=name).field.add(
            name="held",
            number=1,
            type=descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE,
            label=descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL,
            type_name=f".{held}",
        )
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Outer"))


def _add(pool: Any, file: Any) -> None:
    for needed in file.dependencies:
        _add(pool, needed)
    pool.AddSerializedFile(file.serialized_pb)


def test_what_is_nested_deeper_than_answers_can_be_is_named() -> None:
    """At the bound a watch's answer can still be parsed, by upb, and two messages more."""
    assert faults(nested(MOST_LEVELS)) == []
    (fault,) = faults(nested(MOST_LEVELS + 1))
    assert fault.startswith("spec.versions[0].schema.openAPIV3Schema.default[0][0]")
    assert "must not be nested more than" in fault
    resource = _CATALOG.find("customresourcedefinitions")
    assert resource is not None
    response: Any = resource.watch_response_class()
    response.events.add().object.CopyFrom(nested(MOST_LEVELS))
    around = _within_two(response.DESCRIPTOR)()
    around.held.held.MergeFromString(response.SerializeToString())
    type(around).FromString(around.SerializeToString())


def test_a_long_path_is_cut_off() -> None:
    """After 1,024 characters, or a hundred of them would be too much for an answer."""
    crd = make("customresourcedefinitions")
    schema = crd.spec.versions.add().schema.open_apiv3_schema
    schema.properties["x" * 2000].maximum = math.nan
    (fault,) = faults(crd)
    path, _, _ = fault.partition(": ")
    assert path == f"spec.versions[0].schema.openAPIV3Schema.properties[{'x' * 2000}"[:1024]


def test_the_faults_are_bounded() -> None:
    """A hundred are named, of however many."""
    crd = make("customresourcedefinitions")
    for _ in range(500):
        crd.spec.versions.add().schema.open_apiv3_schema.default.SetInParent()
    assert len(faults(crd)) == 100


@pytest.mark.parametrize(
    ("path", "is_good"),
    [("spec.host_name", True), ("a1", True), ("spec", True), ("Spec", False), ("a__b", False)]
    + [(path, False) for path in ("a_1", "a_", "a,b", "")],
)
def test_a_mask_is_good_when_it_has_a_json_form(path: str, *, is_good: bool) -> None:
    """What is read back of its JSON is the same mask."""
    mask = field_mask_pb2.FieldMask(paths=["spec", path])
    if is_good:
        again = field_mask_pb2.FieldMask()
        again.FromJsonString(mask.ToJsonString())
        assert again == mask
    assert bool(faults(mask)) is not is_good
