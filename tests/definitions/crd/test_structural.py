"""What makes a schema structural, however often a part of it is there."""

from __future__ import annotations

from typing import Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.kind import Kind
from tests.definitions.crd.making import definition, of_spec

_ROOT = "spec.versions[0].schema.openAPIV3Schema.properties[spec]"


@pytest.fixture(scope="module")
def definitions() -> Kind:
    """Return the kind of the definitions themselves."""
    resource = Catalog.shipped(comments=False).for_kind(
        "apiextensions.k8s.io/v1", "CustomResourceDefinition"
    )
    assert resource is not None
    return Kind(resource, "/registry", functions=FUNCTIONS)


def _told(definitions: Kind, schema: Any) -> list[str]:
    """Return what is wrong with a schema, by the places below the one of the spec."""
    written = definition({"schema": of_spec(schema)}).SerializeToString()
    message = definitions.resource.message_class.FromString(written)
    definitions.defaults.apply(message)
    try:
        definitions.validation.check(message)
    except errors.Invalid as error:
        return [f"{item.field.removeprefix(_ROOT)} {item.message}" for item in error.violations]
    return []


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


_TEXT = {"type": "string"}
_FIELD = "Required value: must not be empty for specified object fields"
_ITEM = "Required value: must not be empty for specified array items"


def test_what_is_wrong_is_told_at_each_place(definitions: Kind) -> None:
    """A part that is there several times is wrong at all of them."""
    wrong = _object(a={}, b=_list({}))
    assert _told(definitions, _object(first=wrong, good=_TEXT, second=wrong)) == [
        f".properties[first].properties[a].type {_FIELD}",
        f".properties[first].properties[b].items.type {_ITEM}",
        f".properties[second].properties[a].type {_FIELD}",
        f".properties[second].properties[b].items.type {_ITEM}",
    ]


def test_what_is_right_may_be_there_often(definitions: Kind) -> None:
    """As the pod templates are that published definitions have at a dozen places."""
    part = _object(a=_TEXT, b=_list(_object(c={"type": "object", "additionalProperties": _TEXT})))
    assert _told(definitions, _object(x=part, y=_list(part), z=_list(_list(part)))) == []


def test_what_is_held_as_json_is_asked_all_rules_of_a_schema(definitions: Kind) -> None:
    """Elements are JSON in the message, so its own rules do not reach them."""
    odd = {**_object(a=_TEXT), "x-kubernetes-list-type": "set"}
    told = _told(definitions, _object(x=_list(odd), y=_list(_list(odd))))
    assert told == [
        f'.properties[{place}.type Invalid value: "object": must be array if '
        "x-kubernetes-list-type is specified"
        for place in ("x].items", "y].items.items")
    ]


def test_a_list_without_items_is_told(definitions: Kind) -> None:
    """Also in what is JSON, at whatever depth."""
    assert _told(definitions, _object(x={"type": "array"}, y=_list({"type": "array"}))) == [
        ".properties[x].items Required value: must be specified",
        ".properties[y].items.items Required value: must be specified",
    ]
