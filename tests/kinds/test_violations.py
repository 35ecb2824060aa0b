"""Violations in Kubernetes' words: types, paths and values."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from google.protobuf import json_format, wrappers_pb2

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds import violations
from protocube_server.kinds.kind import Kind

_POD: dict[str, Any] = {
    "metadata": {"name": "a"},
    "spec": {"containers": [{"name": "c", "image": "x"}]},
}


def found(word: str, manifest: dict[str, Any], *, old: dict[str, Any] | None = None) -> list[str]:
    """Return the violations of an object after defaults, or of its update from ``old``."""
    resource = Catalog.shipped().find(word)
    assert resource is not None
    kind = Kind(resource, "/registry", functions=FUNCTIONS)
    messages = []
    for fields in (old, manifest):
        message = json_format.ParseDict(fields or {}, resource.message_class())
        kind.defaults.apply(message)
        messages.append(message)
    try:
        if old is None:
            kind.validation.check(messages[1])
        else:
            before, after = messages
            asyncio.run(kind.validation.check_update_in_turns(before, after))
    except errors.Invalid as error:
        return [f"{item.reason} {item}" for item in error.violations]
    return []


def pod(**spec: Any) -> dict[str, Any]:
    """Return a pod with another spec."""
    return {"metadata": {"name": "a"}, "spec": {**_POD["spec"], **spec}}


def test_a_good_object_has_none() -> None:
    """What is right passes."""
    assert found("pods", _POD) == []


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (pod(containers=[]), "FieldValueRequired spec.containers: Required value"),
        (
            pod(containers=[{"image": "x"}]),
            "FieldValueRequired spec.containers[0].name: Required value",
        ),
        (
            pod(restartPolicy="Perhaps"),
            (
                'FieldValueNotSupported spec.restartPolicy: Unsupported value: "Perhaps": '
                'supported values: "Always", "Never", "OnFailure"'
            ),
        ),
        (
            pod(containers=[{"name": "c", "image": "x", "ports": [{"containerPort": 70000}]}]),
            (
                "FieldValueInvalid spec.containers[0].ports[0].containerPort: "
                "Invalid value: 70000: must be between 1 and 65535, inclusive"
            ),
        ),
        (
            pod(containers=[{"name": "c", "image": "x"}, {"name": "c", "image": "y"}]),
            'FieldValueDuplicate spec.containers[1].name: Duplicate value: "c"',
        ),
        (
            pod(containers=[{"name": "c", "image": "x", "resources": {"limits": {"cpu": "1x"}}}]),
            (
                'FieldValueInvalid spec.containers[0].resources.limits[cpu]: Invalid value: "1x": '
                "quantities must match the regular expression "
                "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            ),
        ),
        (
            {**_POD, "metadata": {"name": "a", "labels": {"k": "-v"}}},
            (
                'FieldValueInvalid metadata.labels: Invalid value: "-v": a valid label must be an '
                "empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
                "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
                "'12345', regex used for validation is "
                "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
            ),
        ),
        (
            {**_POD, "metadata": {"name": "a", "annotations": {"k": "x" * 262_145}}},
            "FieldValueTooLong metadata.annotations: Too long: may not be more than 262144 bytes",
        ),
    ],
)
def test_types_paths_and_values_are_kubernetes(manifest: dict[str, Any], said: str) -> None:
    """Each rule is told as kubectl users know it."""
    assert found("pods", manifest) == [said]


def test_all_are_found_at_once() -> None:
    """The first fault does not hide the others, whoever finds them."""
    wrong = pod(
        restartPolicy="Perhaps",
        containers=[{"name": "c", "image": "x"}, {"name": "c", "image": "x"}, {"image": "x"}],
    )
    wrong["metadata"] = {"name": "A_b"}
    fields = [text.split()[1] for text in found("pods", wrong)]
    assert fields == [
        "metadata.name:",
        "spec.containers[2].name:",
        "spec.restartPolicy:",
        "spec.containers[1].name:",
    ]


def test_duplicates_of_several_fields_show_all_of_them() -> None:
    """Two ports are the same when number and protocol are."""
    ports = [
        {"containerPort": 80},
        {"containerPort": 80, "protocol": "UDP"},
        {"containerPort": 80, "protocol": "TCP"},
    ]
    wrong = pod(containers=[{"name": "c", "image": "x", "ports": ports}])
    assert all("ports[2]" in text for text in found("pods", wrong))


def test_what_is_immutable_cannot_be_changed() -> None:
    """The old and the new value of a marked field must be equal."""
    one = {"metadata": {"name": "a"}, "type": "example.com/x"}
    other = {"metadata": {"name": "a"}, "type": "example.com/y"}
    said = 'FieldValueInvalid type: Invalid value: "example.com/y": field is immutable'
    assert found("secrets", other, old=one) == [said]
    assert found("secrets", one, old=one) == []


@pytest.mark.parametrize("word", ["configmaps", "secrets"])
def test_what_is_frozen_stays(word: str) -> None:
    """``immutable: true`` cannot be taken back, and holds the entries."""
    old = {"metadata": {"name": "a"}, "immutable": True, "data": {"k": "djE="}}
    assert found(word, {**old, "metadata": {"name": "a", "labels": {"x": "y"}}}, old=old) == []
    for changed in ({**old, "immutable": False}, {**old, "data": {"k": "djI="}}):
        (said,) = found(word, changed, old=old)
        assert said.startswith("FieldValueForbidden ")
        assert "field is immutable when `immutable` is set" in said
    free = {"metadata": {"name": "a"}, "data": {"k": "djE="}}
    assert found(word, {**free, "data": {}}, old=free) == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x", '"x"'),
        ('a"b', r'"a\"b"'),
        (True, "true"),
        (7, "7"),
        (1.5, "1.5"),
        (2.0, "2"),
        (b"abc", "<3 bytes>"),
        (None, "null"),
        (["b", "a"], '["b","a"]'),
        ({"b": 1, "a": "x"}, '{"a":"x","b":1}'),
        (wrappers_pb2.Int64Value(value=7), "7"),
        (wrappers_pb2.DoubleValue(value=2), "2"),
        (wrappers_pb2.StringValue(value="x"), '"x"'),
        (wrappers_pb2.BoolValue(), "false"),
    ],
)
def test_values_are_shown_as_go_shows_them(value: object, shown: str) -> None:
    """Text in quotes, numbers bare, the rest as short JSON."""
    assert violations.invalid("f", value, "d").message == f"Invalid value: {shown}: d"


def test_every_mount_without_a_volume_is_named() -> None:
    """One rule looks at all mounts of all containers, and each fault stands at its place."""
    mounts = [{"name": name, "mountPath": f"/{name}"} for name in ("a", "here", "b")]
    container = {"image": "x", "volumeMounts": mounts}
    manifest = pod(
        containers=[{"name": "c", "image": "x"}, {"name": "d", **container}],
        initContainers=[{"name": "i", **container}],
        volumes=[{"name": "here", "emptyDir": {}}],
    )
    assert found("pods", manifest) == [
        f'FieldValueNotFound spec.{place}.volumeMounts[{index}].name: Not found: "{name}"'
        for place in ("containers[1]", "initContainers[0]")
        for index, name in ((0, "a"), (2, "b"))
    ]
