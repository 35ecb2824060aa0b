"""The message of a custom kind: its fields, their types, options and numbers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from protocube_server.definitions.crd import numbering
from protocube_server.definitions.door import Compiled, Refused
from tests.definitions.crd import listing
from tests.definitions.crd.making import DOOR, definition, kind, kinds, machine, parsed, shown

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind

_HERE = Path(__file__).parent
_GOLDEN = _HERE / "machine.txt"


def _defined() -> Any:
    return parsed(yaml.safe_load((_HERE / "machine.yaml").read_text()))


def test_makes_each_form_as_the_table_says() -> None:
    """Each form of a schema becomes the field that docs/custom-resource-definitions.md has for it.

    ``PROTOCUBE_WRITE_GOLDEN=1`` writes the file anew.
    """
    (file,) = DOOR.compile(_defined(), b"").files
    text = listing.of_file(file)
    if os.environ.get("PROTOCUBE_WRITE_GOLDEN"):
        _GOLDEN.write_text(text)
    assert text == _GOLDEN.read_text()


def test_makes_the_same_bytes_of_the_same_definition() -> None:
    """Two servers make equal descriptors and numbers, and so does one that has the numbers."""
    one, other = DOOR.compile(_defined(), b""), DOOR.compile(_defined(), b"")
    again = DOOR.compile(_defined(), one.numbers)
    for made in (other, again):
        assert [file.SerializeToString(deterministic=True) for file in made.files] == [
            file.SerializeToString(deterministic=True) for file in one.files
        ]
        assert made.numbers == one.numbers


def test_serves_what_it_makes() -> None:
    """All options can be honoured, and defaults are filled in."""
    made = kinds(_defined()).kind()
    made.check()
    message = machine(made, {"a-b/c.d": "x", "template": {"apiVersion": "v1", "kind": "Pod"}})
    assert message.spec.replicas == 1
    assert message.spec.port.string_value == "80%"
    assert [port.name for port in message.spec.ports] == ["http"]
    assert message.spec.HasField("mode")
    made.validation.check(message)


def _spec(made: Kind) -> Any:
    message: Any = made.resource.message_class()
    return message.spec


def _numbers(compiled: Compiled) -> dict[str, int]:
    (file,) = compiled.files
    spec = next(item for item in file.message_type[0].nested_type if item.name == "Spec")
    return {field.json_name: field.number for field in spec.field}


def _compiled(properties: dict[str, Any], numbers: bytes) -> Compiled:
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": properties}},
    }
    return DOOR.compile(definition({"schema": schema}), numbers)


def test_never_moves_a_number() -> None:
    """Properties come, go, come back and change their type; no number means two things."""
    text, whole = {"type": "string"}, {"type": "integer"}
    first = _compiled({"b": text, "a": text}, b"")
    assert _numbers(first) == {"a": 1, "b": 2}
    more = _compiled({"aa": whole, "b": text, "a": text}, first.numbers)
    assert _numbers(more) == {"a": 1, "b": 2, "aa": 3}
    less = _compiled({"b": text}, more.numbers)
    assert _numbers(less) == {"b": 2}
    changed = _compiled({"a": whole, "b": text}, less.numbers)
    assert _numbers(changed) == {"b": 2, "a": 4}
    back = _compiled({"a": text, "b": text, "aa": whole}, changed.numbers)
    assert _numbers(back) == {"a": 1, "b": 2, "aa": 3}
    spec = next(item for item in back.files[0].message_type[0].nested_type if item.name == "Spec")
    assert [(part.start, part.end) for part in spec.reserved_range] == [(4, 5)]


def test_gives_all_versions_one_number_space() -> None:
    """What two versions have in one type has one number; another type has another one."""
    old = {"a": {"type": "string"}, "b": {"type": "integer"}}
    new = {"a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}}
    versions = [
        {
            "name": name,
            "storage": name == "v1",
            "schema": {
                "type": "object",
                "properties": {"spec": {"type": "object", "properties": properties}},
            },
        }
        for name, properties in (("v1beta1", old), ("v1", new))
    ]
    made = kinds(definition(*versions))
    v1, v1beta1 = made.kind("v1"), made.kind("v1beta1")
    assert v1.is_stored
    assert not v1beta1.is_stored
    fields = [
        {field.json_name: field.number for field in _spec(each).DESCRIPTOR.fields}
        for each in (v1, v1beta1)
    ]
    assert fields == [{"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 4}]
    written = v1.encode(machine(v1, {"a": "x", "c": "y"}))
    read = v1beta1.parse(written)
    assert (read.api_version, read.spec.a) == ("fleet.example.com/v1beta1", "x")


@pytest.mark.parametrize("damage", [b"x", b"\x78\x9c", numbering.encode(numbering.Level())[:-1]])
def test_refuses_numbers_that_are_damaged(damage: bytes) -> None:
    """Without the numbers of stored objects nothing is guessed."""
    with pytest.raises(Refused):
        DOOR.compile(_defined(), damage)


@pytest.mark.parametrize(
    "names",
    [
        ["fooBar", "foo_bar"],
        ["foo_bar", "fooBar", "foo-bar", "FooBar", "FOO_BAR", "foobar"],
        ["mirrorPercent", "mirror_percent"],
        ["x1", "x_1", "x-1"],
        ["1a", "$ref", "_", "é", "a.b/c", "", "class", "from", "self", "DESCRIPTOR"],
        ["a", "aEntry", "a_entry", "AEntry"],
    ],
)
def test_names_properties_apart(names: list[str]) -> None:
    """Names that protobuf would take for one are told apart, and read back as they were."""
    value = {name: {"v": str(index), "m": {"k": "x"}} for index, name in enumerate(names)}
    text = {"type": "string"}
    labels = {"type": "object", "additionalProperties": text}
    below = {"type": "object", "properties": {"v": text, "m": labels}}
    made = kind({"type": "object", "properties": dict.fromkeys(names, below)})
    made.check()
    assert shown(made, value) == value


@pytest.mark.parametrize("names", [["_x"], ["x", "_x", "__x"], ["x", "x_1", "_x", "_x_1"]])
def test_names_properties_apart_from_oneofs(names: list[str]) -> None:
    """A scalar with presence is in a oneof, which protobuf calls as its field with `_` in front."""
    made = kind({"type": "object", "properties": {name: {"type": "string"} for name in names}})
    made.check()
    assert shown(made, dict.fromkeys(names, "a")) == dict.fromkeys(names, "a")


def test_keeps_a_name_that_comes_later_apart() -> None:
    """The name of a field stays when a property comes that would be called alike."""
    first = _compiled({"foo-bar": {"type": "string"}}, b"")
    both = _compiled({"foo-bar": {"type": "string"}, "fooBar": {"type": "string"}}, first.numbers)
    spec = next(item for item in both.files[0].message_type[0].nested_type if item.name == "Spec")
    assert [(field.name, field.json_name) for field in spec.field] == [
        ("foo_bar", "foo-bar"),
        ("foo_bar_2", "fooBar"),
    ]


def test_calls_services_as_people_would() -> None:
    """A service is the plural with the kind's capitals, and never called as the message."""
    for plural, kind_name, service in (
        ("networkpolicies", "NetworkPolicy", "NetworkPolicies"),
        ("metadata", "Metadata", "MetadataService"),
        ("machines", "Machine", "Machines"),
        ("gateways", "Gateway", "Gateways"),
    ):
        names = {"plural": plural, "kind": kind_name, "singular": "x", "listKind": "Y"}
        made = kinds(definition({"schema": {"type": "object"}}, names=names)).kind()
        assert made.resource.service == f"crd.com.example.fleet.v1.{service}"


def test_calls_no_message_as_one_that_it_is_within() -> None:
    """Java has no class in a class of its own name, as ``spec.template.spec`` would be."""
    inner = {"type": "object", "properties": {"a": {"type": "string"}}}
    properties: dict[str, Any] = {
        "template": {"type": "object", "properties": {"spec": inner, "templateSpec": inner}},
        "builder": inner,
        "descriptor": {"type": "string"},
    }
    made = kind({"type": "object", "properties": properties})
    (file,) = _compiled(properties, b"").files
    (spec,) = file.message_type[0].nested_type
    template = next(message for message in spec.nested_type if message.name == "Template")
    assert {message.name for message in template.nested_type} == {
        "TemplateTemplateSpec",
        "TemplateSpec",
    }
    value = {"template": {"spec": {"a": "x"}, "templateSpec": {"a": "y"}}, "descriptor": "z"}
    assert shown(made, value) == value
