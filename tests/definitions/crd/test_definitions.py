"""What a schema itself is refused with, and what it is warned of."""

from __future__ import annotations

import re
from typing import Any

import pytest

from protocube_server.definitions.door import Refused
from tests.definitions.crd.making import DOOR, cases, definition, kinds, of_spec

_NOT_ONE = (
    "must point to a field of type string, boolean or integer. Enum string fields and strings with "
    "formats are allowed."
)
_WEBHOOK = (
    'Unsupported value: "Webhook": supported values: "None": webhooks are not called to '
    "convert; the annotation protocube.dev/conversion: None in its metadata lets the versions be "
    "each other's as they are"
)
_ROOT = "spec.validation.openAPIV3Schema.properties[spec]"


def _told(schema: Any, **version: Any) -> list[str]:
    message = definition({"schema": of_spec(schema), **version})
    try:
        kinds(message).kind().check()
    except Refused as refused:
        return [f"{item.field}: {item.message}" for item in refused.violations]
    return []


@pytest.mark.parametrize("case", cases("schemas"), ids=lambda case: case["told"][:60])
def test_refuses_a_schema(case: Any) -> None:
    """A schema is refused in Kubernetes' words, at the place of its fault."""
    assert _told(case["schema"]) == [case["told"].replace("ROOT", _ROOT)]


def test_refuses_a_rule_that_names_what_there_is_not() -> None:
    """A rule is held to the types of what it speaks of, and its fault has its place."""
    schema = "{type: object, properties: {cores: {type: integer}}, x-kubernetes-validations: "
    (line,) = _told(f"{schema}[{{rule: self.core > 1}}]}}")
    assert line.startswith(
        f'{_ROOT}.x-kubernetes-validations[0].rule: Invalid value: {{"Rule":"self.core > 1",'
        '"Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}'
        ": compilation failed: ERROR: <input>:1:5: undefined field 'core'"
    )


@pytest.mark.parametrize(
    "rule", ["true) || (true", "self.cores > 1 // )", "x) && cel.bind(x, 1, x"]
)
def test_a_rule_is_an_expression_by_itself(rule: str) -> None:
    """What is no expression as it stands is refused, whatever could be put around it."""
    schema = "{type: object, properties: {cores: {type: integer}}, x-kubernetes-validations: "
    told = _told(f"{schema}[{{rule: '{rule}'}}]}}")
    is_one = rule.startswith("self")
    assert [": compilation failed: ERROR" in line for line in told] == [True] * (not is_one)


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("{rule: 'self.cores'}", "cel expression must evaluate to a bool"),
        ("{rule: 'true', messageExpression: '1'}", "messageExpression must evaluate to a string"),
        ("{rule: 'true', optionalOldSelf: true}", "may not be set if oldSelf is not used in rule"),
    ],
)
def test_refuses_a_rule_of_another_type(rule: str, wanted: str) -> None:
    """A rule is true or false, its message a text, and optional is only what it asks for."""
    schema = "{type: object, properties: {cores: {type: integer}}, x-kubernetes-validations: "
    (line,) = _told(f"{schema}[{rule}]}}")
    assert line.endswith(f": {wanted}")


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (".spec.b", "is an invalid path: does not refer to a valid field"),
        (".spec.o", _NOT_ONE),
    ],
)
def test_refuses_a_field_that_cannot_be_selected_by(path: str, wanted: str) -> None:
    """What is selected by is one text, number or truth value."""
    schema = "{type: object, properties: {a: {type: string}, o: {type: object}}}"
    (line,) = _told(schema, selectableFields=[{"jsonPath": path}])
    assert line == f'spec.selectableFields[0].jsonPath: Invalid value: "{path}": {wanted}'


def test_refuses_conversion_by_webhooks_by_name() -> None:
    """Versions are one another's own, and no webhook is called."""
    message = definition({"schema": of_spec("{type: object}")}, conversion={"strategy": "Webhook"})
    with pytest.raises(Refused) as caught:
        kinds(message)
    assert [(item.field, item.message) for item in caught.value.violations] == [
        ("spec.conversion.strategy", _WEBHOOK)
    ]
    message.metadata.annotations["protocube.dev/conversion"] = "None"
    assert kinds(message).kind().resource.kind == "Machine"


def _deep() -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(40):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def _broad() -> dict[str, Any]:
    return {"type": "object", "properties": {f"a{number}": _TEXT for number in range(2001)}}


def _ruled(count: int, size: int = 1) -> dict[str, Any]:
    rule = {"rule": f"true {' ' * size}"}
    return {"type": "object", "x-kubernetes-validations": [rule] * count}


_TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        (_deep(), "must not be more than 32 levels deep"),
        (_broad(), "Too many: 2001: must have at most 2000 items"),
        (_ruled(1001), "must not be the place of more than 1000 rules in all"),
        (_ruled(1, 16 * 1024), "Too long: may not be more than 16384 bytes"),
    ],
    ids=["deep", "broad", "rules", "long"],
)
def test_refuses_a_schema_that_is_too_large(schema: Any, wanted: str) -> None:
    """Size is bounded before anything is made of a schema."""
    with pytest.raises(Refused, match=re.escape(wanted)):
        kinds(definition({"schema": of_spec(schema)}))


def test_warns_of_what_cannot_be_exact() -> None:
    """What a message cannot say is told once, when the kind is defined."""
    schema = """
    type: object
    required: [list]
    properties:
      list: {type: array, items: {type: string}}
      free:
        type: object
        x-kubernetes-preserve-unknown-fields: true
        properties: {a: {type: string}}
    """
    compiled = DOOR.compile(definition({"schema": of_spec(schema)}), b"")
    assert compiled.warnings == (
        "v1: .spec.list: required, but an empty list or map counts as none, so that is not asked",
        "v1: .spec.free: free JSON, in which properties keep no types",
    )
