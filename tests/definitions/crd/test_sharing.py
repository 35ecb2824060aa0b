"""The types that the server works with: one for all messages of a definition that are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from google.protobuf.message import DecodeError

from protocube import joined_catalog, pools
from protocube.catalog import Catalog
from protocube.manifests import encode
from protocube_server.definitions.crd import numbering
from tests.definitions.crd.making import DOOR, definition, kinds, machine, of_spec, told

if TYPE_CHECKING:
    from protocube_server.definitions.crd.numbering import Level

_POD = """
type: object
required: [image]
properties:
  image: {type: string, pattern: "^[a-z]+$"}
  labels: {type: object, additionalProperties: {type: string}}
  weights: {type: array, items: {type: integer}}
  ports:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [port]
    items:
      type: object
      required: [port]
      properties: {port: {type: integer}, host: {type: string, default: any}}
"""
_TWICE = {
    "type": "object",
    "properties": {
        "first": yaml.safe_load(_POD),
        "second": yaml.safe_load(_POD),
        "many": {"type": "array", "items": yaml.safe_load(_POD)},
    },
}
_VALUE = {
    "first": {"image": "a", "labels": {"x": "y"}, "weights": [1, 200], "ports": [{"port": 1}]},
    "second": {"image": "b", "ports": [{"port": 2, "host": "h"}]},
    "many": [{"image": "c"}, {"image": "d", "ports": [{"port": 3}]}],
}
_FILLED = {
    "first": {
        "image": "a",
        "labels": {"x": "y"},
        "weights": [1, 200],
        "ports": [{"port": 1, "host": "any"}],
    },
    "second": {"image": "b", "ports": [{"port": 2, "host": "h"}]},
    "many": [{"image": "c"}, {"image": "d", "ports": [{"port": 3, "host": "any"}]}],
}


def _types(message: Any) -> list[Any]:
    spec = message.spec
    return [type(spec.first), type(spec.second), type(spec.many.add())]


def test_messages_that_are_alike_have_one_type() -> None:
    """What the server makes of a type it makes once, however often a schema repeats itself."""
    (found,) = kinds(definition({"schema": of_spec(_TWICE)})).registry
    message: Any = found.resource.message_class()
    assert len(set(_types(message))) == 1
    made = machine(found, _VALUE)
    assert encode.data(made)["spec"] == _FILLED


def test_clients_have_a_type_for_each_place() -> None:
    """Files are as they were, and describe the same bytes."""
    message = definition({"schema": of_spec(_TWICE)})
    compiled = DOOR.compile(message, b"")
    (found,) = kinds(message).registry
    clients = pools.of([*joined_catalog.part(Catalog.shipped(), compiled.files).files])
    descriptor: Any = clients.FindMessageTypeByName(found.resource.message)
    spec = descriptor.fields_by_name["spec"].message_type
    held = {name: spec.fields_by_name[name].message_type.name for name in ("first", "second")}
    assert held == {"first": "First", "second": "Second"}
    catalog = Catalog([*compiled.files], imported=Catalog.shipped().files)
    theirs: Any = catalog.resources[0].message_class
    made = machine(found, _VALUE)
    data = made.SerializeToString(deterministic=True)
    assert theirs.FromString(data).SerializeToString(deterministic=True) == data
    assert encode.data(theirs.FromString(data)) == encode.data(made)


def test_text_is_held_to_be_utf8() -> None:
    """As everywhere in proto3: bytes that are none do not become a text."""
    (found,) = kinds(definition({"schema": of_spec(_TWICE)})).registry
    made = machine(found, _VALUE).SerializeToString()
    with pytest.raises(DecodeError):
        found.resource.message_class.FromString(made.replace(b"y", b"\xff"))


def test_versions_have_types_in_common() -> None:
    """Two versions are alike but for a few properties, and are served side by side."""
    both = kinds(
        definition({"schema": of_spec(_TWICE)}, {"name": "v1beta1", "schema": of_spec(_TWICE)})
    )
    v1, v1beta1 = (both.kind(version) for version in ("v1", "v1beta1"))
    types = {*_types(v1.resource.message_class()), *_types(v1beta1.resource.message_class())}
    assert len(types) == 1
    for each in (v1, v1beta1):
        each.check()
        first, *_ = told(each, {"second": {"image": "B"}})
        assert first.startswith('spec.second.image: Invalid value: "B": spec.second.image in body')


@pytest.mark.parametrize(
    "other",
    [
        {"default": "x"},
        {"type": "integer"},
        {"format": "byte"},
        {"format": "date-time"},
    ],
    ids=str,
)
def test_what_differs_has_a_type_of_its_own(other: dict[str, str]) -> None:
    """Another default or type of one field is another message."""
    schema = {
        "type": "object",
        "properties": {
            name: {"type": "object", "properties": {"a": {"type": "string", **more}}}
            for name, more in (("first", {}), ("second", other))
        },
    }
    (found,) = kinds(definition({"schema": of_spec(schema)})).registry
    message: Any = found.resource.message_class()
    assert type(message.spec.first) is not type(message.spec.second)


def test_what_has_other_numbers_has_a_type_of_its_own() -> None:
    """Places with a history apart have other numbers, though their schemas are equal."""
    text = {"type": "string"}

    def schema(**first: Any) -> Any:
        properties = {
            "first": {"type": "object", "properties": first},
            "second": {"type": "object", "properties": {"a": text, "b": text}},
        }
        return of_spec({"type": "object", "properties": properties})

    before = DOOR.compile(definition({"schema": schema(b=text)}), b"")
    (found,) = kinds(definition({"schema": schema(a=text, b=text)}), before.numbers).registry
    message: Any = found.resource.message_class()
    numbers = {
        name: [field.number for field in getattr(message.spec, name).DESCRIPTOR.fields]
        for name in ("first", "second")
    }
    assert numbers == {"first": [1, 2], "second": [1, 2]}
    assert type(message.spec.first) is not type(message.spec.second)
    assert _fields(numbering.decode(before.numbers)) == {"b": 1}


def _fields(root: Level) -> dict[str, int]:
    first = root.fields["spec"].parts[""].fields["first"].parts[""]
    return {name: next(iter(known.numbers.values())) for name, known in first.fields.items()}
