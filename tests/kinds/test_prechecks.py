"""What is seen to keep the contract's rules is what protovalidate finds nothing wrong with."""

from __future__ import annotations

import functools
import random
from typing import TYPE_CHECKING, Any

import protovalidate
import pytest
from google.protobuf import json_format, message_factory

from protocube.catalog import Catalog
from protocube_server.kinds.prechecks import judging, syntax
from protocube_server.kinds.prechecks.plans import Plans
from protocube_server.kinds.prechecks.translating import Place, Translation
from tests.kinds.growing import GOOD
from tests.kinds.scribbling import Scribbling

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

    from protocube.catalog import Resource

_RESOURCES = Catalog.shipped().resources
_VALIDATOR = protovalidate.Validator()
_SCHEMA = "protocube.apiextensions.v1.JSONSchemaProps"
_DRAWS = 40
_SPOILED = 120


def _never(_: Any) -> bool:
    return False


def _asks(message: Any) -> bool:
    try:
        return not _VALIDATOR.collect_violations(message)
    except protovalidate.EvaluationError:
        return False


@functools.cache
def _plans(*, alone: bool) -> Plans:
    """Return the plans of all kinds; ``alone`` they ask protovalidate nothing."""
    plans = Plans(_never if alone else _asks, patterns=True)
    for resource in _RESOURCES:
        for _ in plans.compile(resource.descriptor):
            pass
    return plans


@functools.cache
def _types() -> dict[str, Descriptor]:
    found: dict[str, Descriptor] = {}

    def add(descriptor: Any) -> None:
        if descriptor.full_name in found or descriptor.full_name.startswith("google.protobuf."):
            return
        if not descriptor.GetOptions().map_entry:
            found[descriptor.full_name] = descriptor
        for field in descriptor.fields:
            if field.message_type is not None:
                add(field.message_type)

    for resource in _RESOURCES:
        add(resource.descriptor)
    return found


def _good(resource: Resource) -> Any:
    manifest = GOOD.get((resource.api_version, resource.kind), {"metadata": {"name": "a"}})
    return json_format.ParseDict(manifest, resource.message_class())


def _require_right(message: Any) -> bool:
    """Fail where more is seen than is true; tell whether something was seen."""
    seen = [_plans(alone=alone).sees(message) for alone in (True, False)]
    if any(seen):
        assert _asks(message), f"{message.DESCRIPTOR.full_name} is not valid: {message}"
    return seen[0]


@pytest.mark.parametrize("name", _types(), ids=str)
def test_nothing_is_seen_to_be_valid_that_protovalidate_refuses(name: str) -> None:
    """Messages of every type, filled at random."""
    scribbling = Scribbling(random.Random(name))
    made = message_factory.GetMessageClass(_types()[name])
    for _ in range(_DRAWS):
        _require_right(scribbling.fill(made()))


@pytest.mark.parametrize("resource", _RESOURCES, ids=lambda each: each.qualified)
def test_one_fault_in_a_good_object_is_not_overlooked(resource: Resource) -> None:
    """Objects that are good but for a field or two."""
    draw = random.Random(resource.qualified)
    scribbling = Scribbling(draw)
    for _ in range(_SPOILED):
        message = _good(resource)
        for _ in range(draw.choice((1, 1, 2))):
            scribbling.spoil(message)
        _require_right(message)


@pytest.mark.parametrize("resource", _RESOURCES, ids=lambda each: each.qualified)
def test_good_objects_are_seen_to_be_good(resource: Resource) -> None:
    """Protovalidate is asked about parts at most, which costs a part of what the whole does."""
    message = _good(resource)
    if _asks(message):
        assert _plans(alone=False).sees(message)


def test_the_objects_that_are_written_most_need_nothing_of_protovalidate() -> None:
    """Pods and what holds their templates, events, leases, and what is mounted into pods."""
    wanted = {"pods", "replicasets.apps", "jobs.batch", "configmaps", "secrets", "events"}
    wanted |= {"leases.coordination.k8s.io", "services", "statefulsets.apps"}
    found = {
        each.qualified
        for each in _RESOURCES
        if each.qualified in wanted and _plans(alone=True).sees(_good(each))
    }
    assert found == wanted


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("this == '' || this.size() <= 63", "((m == '') or (len(m) <= 63))"),
        ("!(this in ['a', 'b'])", "(not (m in ('a', 'b', )))"),
        ("this.startsWith('a') && !this.endsWith('b')", ""),
        ("this > 1 ? '' : 'too few'", "(('' if (m > 1) else 'too few') in KEPT)"),
        ("this.replace('a', 'b') == ''", "(unsure() == '')"),
        ("this.matches('^\\\\w+$')", "unsure()"),
        ("this.matches('^a++$')", "unsure()"),
        ("this.foo ~ 1", "unsure()"),
        ("this[0] == 'a'", "(unsure() == 'a')"),
    ],
)
def test_what_python_cannot_judge_alike_is_not_seen(expression: str, text: str) -> None:
    """Functions, patterns and marks that are not known are left to protovalidate."""
    constants: list[Any] = []

    def constant(value: Any) -> str:
        constants.append(value)
        return f"constant_{len(constants)}"

    found = Translation(Place(text="m"), constant, patterns=True).condition(expression)
    assert found == (text or "(m.startswith('a') and (not m.endswith('b')))")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("type(this) == map", "(m.WhichOneof('kind') in ('struct_value',))"),
        ("type(this) in [bool, map]", "(m.WhichOneof('kind') in ('bool_value', 'struct_value'))"),
        ("type(this) != map", "unsure()"),
        ("type(that) == map", "unsure()"),
        ("type(this) == [map]", "unsure()"),
        ("type(this) in map", "unsure()"),
        ("this == 1", "unsure()"),
        ("this ~ 1", "unsure()"),
    ],
)
def test_of_free_json_the_type_is_seen(expression: str, text: str) -> None:
    """A rule that asks for more than what kind of JSON there is is left to protovalidate."""
    found = Translation(Place(text="m"), str, patterns=True).kind_of(expression)
    assert found == text


def test_schemas_need_nothing_of_protovalidate() -> None:
    """A custom resource definition has thousands of them."""
    resource = Catalog.shipped().for_kind("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    assert resource is not None
    schema = resource.descriptor.file.pool.FindMessageTypeByName(_SCHEMA)
    message = json_format.ParseDict(
        {
            "type": "object",
            "properties": {"a": {"type": "array", "items": {"type": "string"}}},
            "x-kubernetes-list-map-keys": [],
            "additionalProperties": True,
        },
        message_factory.GetMessageClass(schema)(),
    )
    message.ClearField("additional_properties")
    assert _plans(alone=True).sees(message)
    for name, value in (("items", ["x"]), ("additionalProperties", "x")):
        json_format.ParseDict({name: value}, message)
        assert not _plans(alone=True).sees(message)
        assert not _asks(message)


def test_patterns_of_users_are_left_to_protovalidate() -> None:
    """One that goes back in a text would hold all calls."""
    condition = Translation(Place(text="m"), str, patterns=False).condition(
        "this.matches('^(a+)+$')"
    )
    assert condition == "unsure()"


def test_the_end_of_a_text_is_not_before_its_last_line_break() -> None:
    """Python's ``$`` is there, too."""
    search = judging.pattern("^[a-z$]+$")
    assert search is not None
    assert [bool(search(text)) for text in ("a", "a$", "a\n")] == [True, True, False]


@pytest.mark.parametrize("text", ["a ||", "(a", "[a", "a ? b", "'a", "a.b(", "a b", "", "'\\x41'"])
def test_what_is_no_expression_is_not_read(text: str) -> None:
    """Nor is what this release does not read."""
    with pytest.raises(syntax.NotReadError):
        syntax.parse(text)
