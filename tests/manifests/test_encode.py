"""Messages as manifests."""

from __future__ import annotations

from google.protobuf import json_format

from protocube.core.v1 import config_map_pb2, event_pb2, pod_pb2
from protocube.manifests import encode


def test_long_integers_are_numbers_again() -> None:
    """64-bit integers are numbers at any depth, where protobuf's JSON has strings."""
    given = {
        "metadata": {"name": "web", "generation": 3, "deletionGracePeriodSeconds": 30},
        "spec": {
            "terminationGracePeriodSeconds": 30,
            "activeDeadlineSeconds": 2**40,
            "securityContext": {"runAsUser": 1000, "supplementalGroups": [1, 2]},
            "tolerations": [{"key": "a", "tolerationSeconds": 300}],
        },
    }
    pod = json_format.ParseDict(given, pod_pb2.Pod())
    assert encode.data(pod) == given


def test_numbers_in_free_values_stay_as_they_are() -> None:
    """A string of digits in data or labels is not taken for a number."""
    given = {"metadata": {"name": "web", "labels": {"generation": "3"}}, "data": {"a": "1"}}
    config_map = json_format.ParseDict(given, config_map_pb2.ConfigMap())
    assert encode.data(config_map) == given


def test_times_bytes_and_fields_without_value_have_the_forms_of_kubernetes() -> None:
    """Times are RFC 3339, bytes base64, and what is not set is left out."""
    given = {
        "metadata": {"name": "e", "creationTimestamp": "2026-01-02T03:04:05Z"},
        "eventTime": "2026-01-02T03:04:05.000006Z",
    }
    assert encode.data(json_format.ParseDict(given, event_pb2.Event())) == given
    held = config_map_pb2.ConfigMap(binary_data={"a": b"\xff"})
    assert encode.data(held) == {"binaryData": {"a": "/w=="}}


def test_text_is_written_as_go_writes_it() -> None:
    """One line, keys sorted, and what could end a script element escaped."""
    held = config_map_pb2.ConfigMap(data={"b": "<&>", "a": "1"})
    assert encode.text(held) == '{"data":{"a":"1","b":"\\u003c\\u0026\\u003e"}}'
