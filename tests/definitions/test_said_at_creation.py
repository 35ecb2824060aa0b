"""What a custom resource definition cannot be, or cannot be whole, is said when it is created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from tests.definitions.crd.making import definition, of_spec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.definitions.defining import Definer

_GROUP = "fleet.example.com"
_TEXT = {"type": "string"}
_SCHEMA = of_spec({"type": "object", "properties": {"a": _TEXT}})
_SCALE = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}


def _definition(plural: str, names: Mapping[str, Any], **version: Any) -> Any:
    """Return a definition beside that of Machines."""
    every = {"plural": plural, "kind": plural.capitalize(), **names}
    message = definition({"schema": _SCHEMA, **version}, names=every)
    message.metadata.name = f"{plural}.{_GROUP}"
    return message


async def _created(definer: Definer, message: Any) -> tuple[Any, tuple[str, ...]]:
    """Create a definition, and return it with the warnings that it is answered with."""
    message_class = definer.base.resource("customresourcedefinitions").message_class
    own = message_class.FromString(message.SerializeToString())
    reply = await definer.base.written("Create", own)
    return message_class.FromString(reply.body), reply.warnings


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        ({"kind": "Machine"}, "Machine"),
        ({"kind": "MachineList"}, "MachineList"),
        ({"listKind": "Machine"}, "Machine"),
        ({"listKind": "MachineList"}, "MachineList"),
        ({"singular": "machine"}, "machine"),
        ({"singular": "machines"}, "machines"),
    ],
    ids=str,
)
async def test_a_name_that_is_taken_is_refused(
    definer: Definer, names: Mapping[str, Any], taken: str
) -> None:
    """Where Kubernetes stores it and says so in a condition, nothing is stored."""
    await _created(definer, definition({"schema": _SCHEMA}))
    with pytest.raises(errors.Invalid) as refused:
        await _created(definer, _definition("others", names))
    told = [item.message for item in refused.value.violations]
    assert f'Invalid value: "{taken}": "{taken}" is already in use' in told
    with pytest.raises(errors.NotFound):
        await definer.base.get("customresourcedefinitions", f"others.{_GROUP}")


async def test_a_plural_that_is_the_singular_of_another_is_refused(definer: Definer) -> None:
    """By one of the two names people would find another kind than they mean."""
    await _created(definer, definition({"schema": _SCHEMA}))
    with pytest.raises(errors.Invalid, match='"machine" is already in use'):
        await _created(definer, _definition("machine", {"kind": "Engine", "singular": "engine"}))


@pytest.mark.parametrize(
    ("message", "field", "text"),
    [
        pytest.param(
            definition(
                {"schema": _SCHEMA},
                conversion={
                    "strategy": "Webhook",
                    "webhook": {
                        "conversionReviewVersions": ["v1"],
                        "clientConfig": {"url": "https://x"},
                    },
                },
            ),
            "spec.conversion.strategy",
            "webhooks are not called to convert",
            id="conversion",
        ),
        pytest.param(
            definition({"schema": _SCHEMA, "served": False}),
            "spec.versions",
            'Invalid value: ["v1"]: at least one has to be served',
            id="no version is served",
        ),
        pytest.param(
            definition({"schema": of_spec({"type": "object", "properties": {"a": {}}})}),
            "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[a].type",
            "must not be empty for specified object fields",
            id="not structural",
        ),
        pytest.param(
            definition(
                {
                    "schema": of_spec(
                        {
                            "type": "object",
                            "properties": {
                                "a": {"type": "integer", "format": "int32", "default": 3 * 10**9}
                            },
                        }
                    )
                }
            ),
            "spec",
            "default '3000000000' does not fit: it is not between -2147483648 and 2147483647",
            id="a default that the field cannot hold",
        ),
    ],
)
async def test_what_cannot_be_served_is_refused(
    definer: Definer, message: Any, field: str, text: str
) -> None:
    """It is refused with its reason, and not stored to be found unserved later."""
    with pytest.raises(errors.Invalid) as refused:
        await _created(definer, message)
    assert any(item.field == field and text in item.message for item in refused.value.violations)
    with pytest.raises(errors.NotFound):
        await definer.base.get("customresourcedefinitions", f"machines.{_GROUP}")


@pytest.mark.parametrize(
    ("version", "warning"),
    [
        pytest.param(
            {"subresources": {"scale": _SCALE}},
            "v1: it is served without a scale: .spec.replicas is no integer of the schema",
            id="scale",
        ),
        pytest.param(
            {
                "additionalPrinterColumns": [
                    {"name": "A", "type": "string", "jsonPath": ".spec.a"},
                    {"name": "B", "type": "string", "jsonPath": ".spec[?(@.x"},
                ]
            },
            "v1: the column B is empty: .spec[?(@.x: unterminated filter",
            id="column",
        ),
        pytest.param(
            {"schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            "v1: of the unknown fields at the root of an object `spec` and `status` alone are kept",
            id="unknown fields at the root",
        ),
    ],
)
async def test_what_is_served_in_part_is_warned_of(
    definer: Definer, version: Mapping[str, Any], warning: str
) -> None:
    """The answer is that the kind is served, with a warning of what it lacks."""
    made, warnings = await _created(definer, definition({"schema": _SCHEMA, **version}))
    assert warnings == (warning,)
    conditions = {item.type: item.status for item in made.status.conditions}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}


async def test_what_is_served_whole_is_warned_of_nothing(definer: Definer) -> None:
    """With a scale and columns whose paths lead somewhere."""
    number = {"type": "integer"}
    schema = of_spec({"type": "object", "properties": {"replicas": number}})
    schema["properties"]["status"] = {"type": "object", "properties": {"replicas": number}}
    column = {"name": "R", "type": "integer", "jsonPath": ".spec.replicas"}
    version = {
        "subresources": {"scale": _SCALE, "status": {}},
        "additionalPrinterColumns": [column],
    }
    _, warnings = await _created(definer, definition({"schema": schema, **version}))
    assert warnings == ()
