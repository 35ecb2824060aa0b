"""What a schema itself is refused with, and what it is warned of."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from protocube_server.definitions.door import Refused
from tests.definitions.crd.making import DOOR, definition, kinds, of_spec

_ROOT = "spec.validation.openAPIV3Schema.properties[spec]"


def _told(schema: str, **version: Any) -> list[str]:
    message = definition({"schema": of_spec(schema), **version})
    try:
        kinds(message).kind().check()
    except Refused as refused:
        return [f"{item.field}: {item.message}" for item in refused.violations]
    return []


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        (
            "{type: object, properties: {a: {type: string, pattern: '('}}}",
            f'{_ROOT}.properties[a].pattern: Invalid value: "(": must be a valid regular '
            "expression, but isn't: error parsing regexp: missing closing ): `(`",
        ),
        (
            "{type: object, properties: {a: {type: integer, maximum: 1, default: 2}}}",
            f"{_ROOT}.properties[a].default: Invalid value: 2:  in body should be less than or "
            "equal to 1",
        ),
        (
            "{type: object, properties: {a: {type: object, properties: {b: {type: integer}}, "
            "default: {b: x}}}}",
            f'{_ROOT}.properties[a].default.b: Invalid value: "string": b in body must be of type '
            'integer: "string"',
        ),
        (
            "{type: object, properties: {a: {type: object, default: {b: 1}}}}",
            f'{_ROOT}.properties[a].default: Invalid value: {{"b":1}}: must not have unknown fields',
        ),
        (
            "{type: object, properties: {a: {type: array, x-kubernetes-list-type: map, "
            "x-kubernetes-list-map-keys: [n], items: {type: object, properties: {n: {type: string}}}}}}",
            f"{_ROOT}.properties[a].items.properties[n].default: Required value: this property is "
            "in x-kubernetes-list-map-keys, so it must have a default or be a required property",
        ),
        (
            "{type: object, properties: {a: {type: array, x-kubernetes-list-type: map, "
            "x-kubernetes-list-map-keys: [n], items: {type: object, properties: {m: {type: string}}}}}}",
            f'{_ROOT}.properties[a].x-kubernetes-list-map-keys[0]: Invalid value: "n": entries must '
            "all be names of item properties",
        ),
        (
            "{type: object, properties: {a: {type: array, x-kubernetes-list-type: set, "
            "items: {type: string, nullable: true}}}}",
            f"{_ROOT}.properties[a].items.nullable: Forbidden: cannot be nullable when "
            "x-kubernetes-list-type is set",
        ),
        (
            "{type: object, properties: {a: {type: array, items: {type: integer, "
            "x-kubernetes-validations: [{rule: self >= oldSelf}]}}}}",
            f'{_ROOT}.properties[a].items.x-kubernetes-validations[0].rule: Invalid value: "self '
            '>= oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema '
            "within .properties[spec].properties[a]",
        ),
        (
            "{type: object, properties: {a: {type: string}}, x-kubernetes-validations: "
            "[{rule: 'has(self.a)', fieldPath: .b}]}",
            f'{_ROOT}.x-kubernetes-validations[0].fieldPath: Invalid value: ".b": fieldPath must be '
            "a valid path",
        ),
    ],
)
def test_refuses_a_schema(schema: str, wanted: str) -> None:
    """A schema is refused in Kubernetes' words, at the place of its fault."""
    assert _told(schema) == [wanted]


def test_refuses_a_rule_that_names_what_there_is_not() -> None:
    """A rule is held to the types of what it speaks of, and its fault has its place."""
    schema = "{type: object, properties: {cores: {type: integer}}, x-kubernetes-validations: "
    (line,) = _told(f"{schema}[{{rule: self.core > 1}}]}}")
    assert line.startswith(
        f'{_ROOT}.x-kubernetes-validations[0].rule: Invalid value: {{"Rule":"self.core > 1",'
        '"Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: '
        "compilation failed: ERROR: <input>:1:5: undefined field 'core'"
    )


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
        (
            ".spec.o",
            "must point to a field of type string, boolean or integer. Enum string fields and "
            "strings with formats are allowed.",
        ),
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
        ("spec.conversion.strategy", 'Unsupported value: "Webhook": supported values: "None"')
    ]


def test_refuses_a_schema_that_is_too_deep() -> None:
    """Depth is bounded before anything is built that recursion would have to go down."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(40):
        schema = {"type": "object", "properties": {"a": schema}}
    assert "must not be more than 32 levels deep" in _told(yaml.safe_dump(schema))[0]


def test_warns_of_what_cannot_be_exact() -> None:
    """What a message cannot say is told once, when the kind is defined."""
    schema = """
    {type: object, required: [list], properties: {list: {type: array, items: {type: string}},
    free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: string}}}}}
    """
    compiled = DOOR.compile(definition({"schema": of_spec(schema)}), b"")
    assert compiled.warnings == (
        "v1: .spec.list: required, but an empty list or map counts as none, so that is not asked",
        "v1: .spec.free: free JSON, in which properties keep no types",
    )
