"""Messages as manifests."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import HealthCheck, given, settings, strategies

from protocube.apiextensions.v1 import json_schema_pb2
from protocube.apps.v1 import controller_revision_pb2, deployment_pb2
from protocube.catalog import Catalog, Resource
from protocube.core.v1 import config_map_pb2, event_pb2, pod_pb2
from protocube.manifests import encode
from tests.system.random_messages import fill

RESOURCES = [pytest.param(item, id=item.message) for item in Catalog.shipped().resources]


def test_long_integers_are_numbers_again() -> None:
    """64-bit integers are numbers at any depth, where protobuf's JSON has strings."""
    manifest = {
        "metadata": {"name": "web", "generation": 3, "deletionGracePeriodSeconds": 30},
        "spec": {
            "terminationGracePeriodSeconds": 30,
            "activeDeadlineSeconds": 2**40,
            "securityContext": {"runAsUser": 1000, "supplementalGroups": [1, 2]},
            "tolerations": [{"key": "a", "tolerationSeconds": 300}],
        },
    }
    pod = json_format.ParseDict(manifest, pod_pb2.Pod())
    assert encode.data(pod) == manifest


def test_numbers_in_free_values_stay_as_they_are() -> None:
    """A string of digits in data or labels is not taken for a number."""
    manifest = {"metadata": {"name": "web", "labels": {"generation": "3"}}, "data": {"a": "1"}}
    config_map = json_format.ParseDict(manifest, config_map_pb2.ConfigMap())
    assert encode.data(config_map) == manifest


def test_a_whole_number_of_a_field_is_an_integer() -> None:
    """As in what kubectl reads, so a template prints ``1000000`` and not ``1e+06``."""
    schema = json_schema_pb2.JSONSchemaProps(maximum=1e6, minimum=-0.5, multiple_of=1e20)
    found = encode.data(schema)
    assert {key: (type(value), value) for key, value in found.items()} == {
        "maximum": (int, 1000000),
        "minimum": (float, -0.5),
        "multipleOf": (float, 1e20),
    }


def test_times_bytes_and_fields_without_value_have_the_forms_of_kubernetes() -> None:
    """Times are RFC 3339, bytes base64, and what is not set is left out."""
    manifest = {
        "metadata": {"name": "e", "creationTimestamp": "2026-01-02T03:04:05Z"},
        "eventTime": "2026-01-02T03:04:05.000006Z",
    }
    assert encode.data(json_format.ParseDict(manifest, event_pb2.Event())) == manifest
    held = config_map_pb2.ConfigMap(binary_data={"a": b"\xff"})
    assert encode.data(held) == {"binaryData": {"a": "/w=="}}


def test_a_micro_time_always_has_six_digits() -> None:
    """Where Kubernetes keeps microseconds it writes all of them, and would read nothing else."""
    event = event_pb2.Event()
    event.event_time.seconds = event.series.last_observed_time.seconds = 1577934245
    event.series.last_observed_time.nanos = 5000
    assert encode.data(event) == {
        "eventTime": "2020-01-02T03:04:05.000000Z",
        "series": {"lastObservedTime": "2020-01-02T03:04:05.000005Z"},
    }


def test_text_is_written_as_go_writes_it() -> None:
    """One line, keys sorted, and what could end a script element escaped."""
    held = config_map_pb2.ConfigMap(data={"b": "<&>", "a": "1"})
    assert encode.text(held) == '{"data":{"a":"1","b":"\\u003c\\u0026\\u003e"}}'


@pytest.mark.parametrize("resource", RESOURCES)
def test_almost_everything_is_written_as_protobuf_writes_it(resource: Resource) -> None:
    """Whatever is in a message: numbers and the digits of times apart, ``json_format`` agrees."""

    @settings(
        max_examples=4,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(strategies.data())
    def is_written(data: Any) -> None:
        message = fill(resource.descriptor, data.draw)
        assert _comparable(encode.data(message)) == _comparable(json_format.MessageToDict(message))

    is_written()


def test_what_json_has_no_number_for_is_written_as_protobuf_writes_it() -> None:
    """A double that is infinite or no number is a word; in free JSON it cannot be written."""
    schema = json_schema_pb2.JSONSchemaProps(maximum=math.inf, minimum=-math.inf, multiple_of=1.5)
    assert encode.data(schema) == json_format.MessageToDict(schema)
    schema.default.number_value = math.nan
    with pytest.raises(ValueError, match="no number"):
        encode.data(schema)


def test_free_json_comes_back_as_it_was() -> None:
    """Lists, objects, nulls and numbers at any depth, each where it was."""
    free = {"a": [1, [2.5, {"b": None}], "x", [], {}], "c": {"d": {"e": True, "f": -0.5}}, "g": []}
    revision = json_format.ParseDict({"data": free}, controller_revision_pb2.ControllerRevision())
    assert encode.data(revision) == {"data": free}


def test_what_kubernetes_always_writes_is_shown() -> None:
    """Empty structs, nulls and zeros are there at any depth, and what is set wins."""
    manifest = {
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"spec": {"containers": [{"name": "a"}, {"name": "b", "ports": [{}]}]}},
        },
    }
    deployment = json_format.ParseDict(manifest, deployment_pb2.Deployment())
    assert encode.data(deployment) == manifest
    assert encode.shown(deployment) == {
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "strategy": {},
            "template": {
                "metadata": {},
                "spec": {
                    "containers": [
                        {"name": "a", "resources": {}},
                        {"name": "b", "ports": [{"containerPort": 0}], "resources": {}},
                    ]
                },
            },
        },
        "status": {},
    }


def test_each_shown_object_has_containers_of_its_own() -> None:
    """Whoever changes one of them changes no other."""
    first = encode.shown(pod_pb2.Pod())
    first["status"]["phase"] = "Running"
    first["spec"]["containers"] = []
    assert encode.shown(pod_pb2.Pod()) == {
        "metadata": {},
        "spec": {"containers": None},
        "status": {},
    }


def _comparable(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int() | float():
            return str(float(value))
        case dict():
            return {key: _comparable(item) for key, item in value.items()}
        case list():
            return [_comparable(item) for item in value]
        case str() if re.fullmatch("-?[0-9]+", value):
            return str(float(value))
        case str() if re.fullmatch(r"[0-9]{4}-[^ ]*:[0-9]{2}(\.[0-9]+)?Z", value):
            second, _, digits = value.removesuffix("Z").partition(".")
            return f"{second}.{digits:0<6.6}Z"
    return value
