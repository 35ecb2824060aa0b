"""A manifest becomes its message, and what does not fit is on record."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.manifests import go_base64, json_values
from protocube.manifests.decode import decode, decode_text
from protocube.manifests.report import CLEAN, Report


def _decode(kind: str, manifest: dict[str, Any]) -> tuple[Any, Report]:
    resource = Catalog.shipped().find(kind)
    assert resource is not None
    message = resource.message_class()
    return message, decode(manifest, message)


POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web",
        "labels": {"app": "web"},
        "creationTimestamp": "2024-02-29T12:00:00.5+02:00",
        "generation": 3,
        "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u"}],
        "managedFields": [{"manager": "m", "fieldsV1": {"f:a": {}, "n": [1, None, "x", True]}}],
    },
    "spec": {
        "containers": [
            {
                "name": "c",
                "image": "i",
                "command": ["a", "b"],
                "resources": {"limits": {"cpu": "1", "memory": "10Mi"}},
                "livenessProbe": {"httpGet": {"port": "http", "path": "/"}, "periodSeconds": 5},
                "readinessProbe": {"tcpSocket": {"port": 80}},
                "securityContext": {"privileged": False, "runAsUser": 1000},
            }
        ],
        "volumes": [{"name": "v", "emptyDir": {}}],
        "nodeSelector": {"disk": "ssd"},
        "terminationGracePeriodSeconds": 30,
    },
}


def test_a_manifest_that_fits_becomes_what_protobufs_own_parser_makes_of_it() -> None:
    """Every form of value there is: the message equals that of ``json_format``."""
    message, report = _decode("pod", POD)
    assert report is CLEAN
    expected = json_format.ParseDict(POD, type(message)())
    assert message == expected
    assert message.spec.volumes[0].HasField("empty_dir")


@pytest.mark.parametrize(
    ("kind", "manifest", "paths"),
    [
        ("configmap", {"metadata": {"colour": 1}, "colour": 2}, ("colour", "metadata.colour")),
        ("configmap", {"Data": {}, "api_version": "v1"}, ("Data", "api_version")),
        (
            "pod",
            {"spec": {"containers": [{}, {"env": [{"foo": 1}], "a": 2}], "z": 3}},
            ("spec.containers[1].a", "spec.containers[1].env[0].foo", "spec.z"),
        ),
        (
            "configmap",
            {f"x{index:03}": 1 for index in range(150)},
            tuple(f"x{index:03}" for index in range(100)),
        ),
    ],
)
def test_unknown_fields_are_named_by_their_paths(
    kind: str, manifest: dict[str, Any], paths: tuple[str, ...]
) -> None:
    """Names are case-sensitive JSON names; the order is that of sorted keys; 100 are enough."""
    _, report = _decode(kind, manifest)
    assert report.unknown == paths
    assert not report.faults


# kubectl's and the API server's texts for the same manifests.
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    (
        "configmap",
        {"immutable": "x"},
        "string into Go struct field ConfigMap.immutable of type bool",
    ),
    ("configmap", {"data": {"a": 5}}, "number into Go struct field ConfigMap.data of type string"),
    (
        "configmap",
        {"data": []},
        "array into Go struct field ConfigMap.data of type map[string]string",
    ),
    (
        "configmap",
        {"apiVersion": 1},
        "number into Go struct field ConfigMap.apiVersion of type string",
    ),
    (
        "configmap",
        {"metadata": "x"},
        "string into Go struct field ConfigMap.metadata of type v1.ObjectMeta",
    ),
    (
        "configmap",
        {"metadata": {"labels": {"on": True}}},
        "bool into Go struct field ObjectMeta.metadata.labels of type string",
    ),
    (
        "configmap",
        {"metadata": {"annotations": {"a": [1]}}},
        "array into Go struct field ObjectMeta.metadata.annotations of type string",
    ),
    (
        "configmap",
        {"metadata": {"ownerReferences": [5]}},
        "number into Go struct field ObjectMeta.metadata.ownerReferences of type v1.OwnerReference",
    ),
    (
        "configmap",
        {"metadata": {"ownerReferences": [{"name": 5}]}},
        "number into Go struct field OwnerReference.metadata.ownerReferences.name of type string",
    ),
    (
        "configmap",
        {"metadata": {"generation": 1.5}},
        "number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64",
    ),
    (
        "configmap",
        {"metadata": {"creationTimestamp": True}},
        "bool into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
    ),
    ("pod", {"spec": "x"}, "string into Go struct field Pod.spec of type v1.PodSpec"),
    (
        "pod",
        {"spec": {"containers": {}}},
        "object into Go struct field PodSpec.spec.containers of type []v1.Container",
    ),
    (
        "pod",
        {"spec": {"containers": [{"image": 5}]}},
        "number into Go struct field Container.spec.containers.image of type string",
    ),
    (
        "pod",
        {"spec": {"containers": [{"ports": [{"containerPort": 3000000000}]}]}},
        (
            "number 3000000000 into Go struct field "
            "ContainerPort.spec.containers.ports.containerPort of type int32"
        ),
    ),
    (
        "pod",
        {"spec": {"containers": [{"ports": [{"containerPort": "80"}]}]}},
        (
            "string into Go struct field "
            "ContainerPort.spec.containers.ports.containerPort of type int32"
        ),
    ),
    (
        "pod",
        {"spec": {"containers": [{"resources": {"limits": 5}}]}},
        (
            "number into Go struct field "
            "ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList"
        ),
    ),
    ("secret", {"data": {"a": 5}}, "number into Go struct field Secret.data of type []uint8"),
]


@pytest.mark.parametrize(("kind", "manifest", "text"), FAULTS)
def test_a_value_of_the_wrong_type_is_reported_in_gos_words(
    kind: str, manifest: dict[str, Any], text: str
) -> None:
    """The innermost struct, the path without indices, and Go's name of the type."""
    _, report = _decode(kind, manifest)
    assert [fault.message for fault in report.faults] == [f"json: cannot unmarshal {text}"]
    assert not report.unknown


def test_faults_know_their_path_and_do_not_hide_each_other() -> None:
    """Everything that is wrong is found in one pass, and everything right is kept."""
    message, report = _decode(
        "pod",
        {
            "metadata": {"name": "web", "labels": {"a": "b", "c": 1}},
            "spec": {"containers": [{"image": 1, "name": "c", "x": 2}, "y", {"name": "d"}]},
        },
    )
    assert [fault.field for fault in report.faults] == [
        "metadata.labels.c",
        "spec.containers[0].image",
        "spec.containers[1]",
    ]
    assert report.unknown == ("spec.containers[0].x",)
    assert dict(message.metadata.labels) == {"a": "b"}
    assert [container.name for container in message.spec.containers] == ["c", "", "d"]


def test_null_is_the_zero_value() -> None:
    """As in Go: a field is not set, an entry and an element are empty."""
    message, report = _decode(
        "pod",
        {
            "metadata": {"creationTimestamp": None, "labels": {"a": None}, "name": None},
            "spec": {"containers": [None], "volumes": None, "nodeSelector": {}},
        },
    )
    assert report is CLEAN
    assert dict(message.metadata.labels) == {"a": ""}
    assert not message.metadata.HasField("creation_timestamp")
    assert len(message.spec.containers) == 1


@pytest.mark.parametrize(
    ("spec", "field", "message"),
    [
        (
            {"volumes": [{"name": "v", "emptyDir": {}, "hostPath": {"path": "/"}}]},
            "spec.volumes[0].hostPath",
            "Forbidden: may not specify more than 1 volume type",
        ),
        (
            {"containers": [{"livenessProbe": {"exec": {}, "tcpSocket": {"port": 1}}}]},
            "spec.containers[0].livenessProbe.tcpSocket",
            "Forbidden: may not specify more than 1 handler type",
        ),
        (
            {"containers": [{"env": [{"valueFrom": {"fieldRef": {}, "secretKeyRef": {}}}]}]},
            "spec.containers[0].env[0].valueFrom",
            'Invalid value: "": may not have more than one field specified at a time',
        ),
    ],
)
def test_a_second_member_of_a_oneof_is_a_violation(
    spec: dict[str, Any], field: str, message: str
) -> None:
    """Protobuf would keep the last one and forget the other; here it is on record."""
    _, report = _decode("pod", {"spec": spec})
    assert [(item.field, item.message) for item in report.violations] == [(field, message)]


def test_of_several_members_of_a_oneof_the_first_declared_is_taken() -> None:
    """Kubernetes looks at them in one order, and refuses each that comes after another."""
    volume = {"name": "v", "configMap": {}, "csi": {}, "emptyDir": {}}
    message, report = _decode("pod", {"spec": {"volumes": [volume]}})
    assert message.spec.volumes[0].WhichOneof("source") == "empty_dir"
    fields = [item.field for item in report.violations]
    assert fields == ["spec.volumes[0].configMap", "spec.volumes[0].csi"]


def test_a_null_beside_a_member_of_a_oneof_is_none() -> None:
    """Only what has a value chooses."""
    volume = {"name": "v", "emptyDir": None, "hostPath": {"path": "/"}}
    message, report = _decode("pod", {"spec": {"volumes": [volume]}})
    assert report is CLEAN
    assert message.spec.volumes[0].host_path.path == "/"


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("a", 0),
        ("aa", 0),
        ("aGVsbG8", 4),
        ("aa=", 3),
        ("aa=a", 2),
        ("aaa=x", 4),
        ("aaaa=", 4),
        ("====", 0),
        ("a b=", 1),
        ("not base64!", 3),
        ("é", 0),
    ],
)
def test_bad_base64_is_refused_at_gos_position(text: str, position: int) -> None:
    """Observed with Go's ``base64.StdEncoding``."""
    with pytest.raises(ValueError, match=f"^illegal base64 data at input byte {position}$"):
        go_base64.decode(text)
    _, report = _decode("secret", {"data": {"a": text}})
    assert report.faults[0].message == f"illegal base64 data at input byte {position}"


def test_good_base64_may_have_line_breaks() -> None:
    """As Go reads it."""
    message, report = _decode("secret", {"data": {"a": "aGVs\r\nbG8=\n", "b": ""}})
    assert report is CLEAN
    assert dict(message.data) == {"a": b"hello", "b": b""}


def test_text_becomes_what_its_data_becomes() -> None:
    """JSON text gives the message and the report that its data gives, blanks around it or not."""
    message, report = _decode("pod", {**POD, "colour": "red"})
    read = type(message)()
    assert decode_text(f" \n{json.dumps({**POD, 'colour': 'red'})}\n", read) == report
    assert read == message
    assert report.unknown == ("colour",)


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '{"a": 1} {"b": 2}', '{"a": NaN}', "null"])
def test_text_that_is_no_object_is_refused(text: str) -> None:
    """Text is one JSON object, whole, and nothing behind it."""
    with pytest.raises(json_values.NotJson):
        decode_text(text, ConfigMap())


def test_text_beyond_its_bounds_is_refused_with_the_reason() -> None:
    """Nesting above the limit and numbers above any float are told in Go's words."""
    deep = '{"a":' * 300 + "1" + "}" * 300
    with pytest.raises(json_values.Refused, match="exceeded max depth of 256"):
        decode_text(deep, ConfigMap())
    with pytest.raises(json_values.Refused, match="value out of range"):
        decode_text('{"data": 1e999}', ConfigMap())
