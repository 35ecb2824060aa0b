"""Strategic merge patch of objects: members, directives, and what is refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube.patching import strategic


def _apply(document: dict[str, Any], patch: dict[str, Any], kind: str = "pods") -> dict[str, Any]:
    resource = Catalog.shipped().find(kind)
    assert resource is not None
    read = strategic.read(json.dumps(patch))
    before = copy.deepcopy((document, read.value))
    result = strategic.apply(document, read.value, resource.message_class)
    assert (document, read.value) == before, "an argument was changed"
    return result


@pytest.mark.parametrize(
    ("document", "patch", "wanted"),
    [
        pytest.param(
            {"metadata": {"labels": {"a": "1"}}},
            {"metadata": {"labels": {"b": "2"}}},
            {"metadata": {"labels": {"a": "1", "b": "2"}}},
            id="maps merge",
        ),
        pytest.param(
            {"metadata": {"labels": {"a": "1"}}},
            {"metadata": {"labels": {"a": None, "b": None}}},
            {"metadata": {"labels": {}}},
            id="null removes",
        ),
        pytest.param(
            {"metadata": {"labels": {"a": "1"}}},
            {"metadata": {"labels": {"$patch": "replace", "b": "2"}}},
            {"metadata": {"labels": {"b": "2"}}},
            id="replace",
        ),
        pytest.param(
            {"metadata": {"labels": {"a": "1"}}},
            {"metadata": {"labels": {"$patch": "delete", "b": "2"}}},
            {"metadata": {"labels": {}}},
            id="delete",
        ),
        pytest.param({"spec": {"x": 1}}, {"$patch": "delete"}, {}, id="delete of all"),
        pytest.param(
            {"metadata": {}},
            {"metadata": {"labels": {"$patch": "replace", "b": "2"}}},
            {"metadata": {}},
            id="a new map that carries $patch is not added",
        ),
        pytest.param(
            {},
            {"spec": {"nodeSelector": {"a": None, "b": "1"}, "volumes": [{"$patch": "replace"}]}},
            {"spec": {"nodeSelector": {"b": "1"}, "volumes": []}},
            id="new members are cleaned",
        ),
        pytest.param(
            {"spec": "x"},
            {"spec": {"nodeSelector": {"$patch": "delete"}, "hostname": None}},
            {"spec": {}},
            id="so are those that take the place of another type",
        ),
        pytest.param(
            {"spec": {"hostname": "a"}},
            {"spec": {"hostname": 1}},
            {"spec": {"hostname": 1}},
            id="a scalar is taken as it is",
        ),
        pytest.param(
            {"spec": {"hostname": "a"}},
            {"spec": {"hostname": {"$patch": "delete"}}},
            {"spec": {}},
            id="$patch in the place of a scalar removes it",
        ),
    ],
)
def test_members_merge(
    document: dict[str, Any], patch: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """Maps and messages alike."""
    assert _apply(document, patch) == wanted


def test_retain_keys_clears_what_it_does_not_list() -> None:
    """A source takes the place of another one."""
    document = {"spec": {"volumes": [{"name": "v", "emptyDir": {}}, {"name": "w"}]}}
    volume = {"name": "v", "configMap": {"name": "c"}, "$retainKeys": ["name", "configMap"]}
    assert _apply(document, {"spec": {"volumes": [volume]}})["spec"]["volumes"] == [
        {"name": "v", "configMap": {"name": "c"}},
        {"name": "w"},
    ]


def test_retain_keys_of_a_new_element_stays() -> None:
    """New elements of a list are as they are sent: what reads them reports the unknown field."""
    volume = {"name": "v", "emptyDir": {}, "$retainKeys": ["name", "emptyDir"]}
    result = _apply({"spec": {"volumes": [{"name": "w"}]}}, {"spec": {"volumes": [volume]}})
    assert result["spec"]["volumes"] == [volume, {"name": "w"}]


@pytest.mark.parametrize("keys", [["name"], "name", [1], None])
def test_retain_keys_must_list_what_the_patch_sets(keys: Any) -> None:
    """Kubernetes' one message for all of it."""
    volume = {"name": "v", "configMap": {"name": "c"}, "$retainKeys": keys}
    document = {"spec": {"volumes": [{"name": "v", "emptyDir": {}}]}}
    with pytest.raises(errors.BadRequest, match=r"^invalid patch format of retainKeys$"):
        _apply(document, {"spec": {"volumes": [volume]}})


def test_retain_keys_need_not_list_directives_and_nulls() -> None:
    """They set nothing."""
    patch = {
        "$retainKeys": ["hostname"],
        "hostname": "b",
        "subdomain": None,
        "$setElementOrder/containers": [{"name": "c"}],
        "$deleteFromPrimitiveList/x": ["y"],
    }
    assert _apply({"spec": {"hostname": "a", "nodeName": "n"}}, {"spec": patch}) == {
        "spec": {"hostname": "b"}
    }


@pytest.mark.parametrize("directive", ["merge", "frob", 1, None])
def test_another_patch_directive_is_refused(directive: Any) -> None:
    """Also merge, which is what happens without one."""
    with pytest.raises(errors.BadRequest, match=r"^unknown patch type: .* in map: "):
        _apply({"metadata": {"name": "a"}}, {"metadata": {"$patch": directive}})


def test_a_message_does_not_repeat_a_large_patch() -> None:
    """What it quotes is cut."""
    with pytest.raises(errors.BadRequest) as refused:
        _apply({"metadata": {}}, {"metadata": {"$patch": "frob", "name": "x" * 10_000}})
    assert len(refused.value.message) < 500


def test_a_field_that_the_kind_does_not_have_cannot_be_merged() -> None:
    """Only an object that has it could; this one came by another patch of the same request."""
    with pytest.raises(errors.BadRequest, match=r'field in struct Pod for the json field "x"$'):
        _apply({"x": {}}, {"x": {"y": 1}})


def test_what_has_no_schema_merges_freely() -> None:
    """A Struct or a Value may hold anything; lists in it are replaced."""
    document = {"metadata": {"managedFields": [{"fieldsV1": {"f:a": {"f:b": {}}, "l": [1]}}]}}
    custom = {"data": document["metadata"]["managedFields"][0]["fieldsV1"]}
    result = _apply(custom, {"data": {"f:a": {"f:c": {}}, "l": [2]}}, "controllerrevisions")
    assert result == {"data": {"f:a": {"f:b": {}, "f:c": {}}, "l": [2]}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "unexpected end of JSON input"),
        ("[1]", "a strategic merge patch is an object, not a list"),
        ("x: 1", "invalid character 'x' looking for beginning of value"),
    ],
)
def test_what_is_no_object_is_a_bad_request(text: str, message: str) -> None:
    """It is told what stands there."""
    with pytest.raises(errors.BadRequest) as refused:
        strategic.read(text)
    assert refused.value.message == message


def test_null_is_an_empty_patch() -> None:
    """As in Kubernetes, where other patches are refused so."""
    assert strategic.read("null").value == {}


def test_repeated_members_are_faults() -> None:
    """The last one counts."""
    read = strategic.read('{"spec": {"replicas": 3, "replicas": 4}}')
    assert read.value == {"spec": {"replicas": 4}}
    assert read.faults == ('duplicate field "spec.replicas"',)
