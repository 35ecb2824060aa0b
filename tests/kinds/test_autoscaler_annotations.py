"""What autoscaling/v1 keeps in annotations has Kubernetes' form, both ways."""

from __future__ import annotations

import json
from typing import Any

import pytest

from protocube.autoscaling.v2.horizontal_pod_autoscaler_pb2 import (
    HorizontalPodAutoscalerSpec,
    HorizontalPodAutoscalerStatus,
)
from protocube.manifests import encode
from protocube.manifests.decode import decode
from protocube_server.builtin.autoscalers import annotations as noted

_SELECTOR = {"matchLabels": {"a": "b"}}


def _pairs(word: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return metrics of v2 with the same ones in the form of the annotation, keys in its order."""
    is_target = word == "target"

    def amounts(kind: str, **values: Any) -> dict[str, Any]:
        return {word: {"type": kind, **values} if is_target else values}

    metric = {"metric": {"name": "m", "selector": _SELECTOR}}
    described = {"describedObject": {"kind": "Ingress", "name": "i", "apiVersion": "n/v1"}}
    target = {"target": {"kind": "Ingress", "name": "i", "apiVersion": "n/v1"}}
    kinds: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        (
            "resource",
            {"name": "memory", **amounts("AverageValue", averageValue="1Gi")},
            {"name": "memory", f"{word}AverageValue": "1Gi"},
        ),
        (
            "containerResource",
            {"name": "cpu", **amounts("AverageValue", averageValue="500m"), "container": "c"},
            {"name": "cpu", f"{word}AverageValue": "500m", "container": "c"},
        ),
        (
            "pods",
            {**metric, **amounts("AverageValue", averageValue="1k")},
            {"metricName": "m", f"{word}AverageValue": "1k", "selector": _SELECTOR},
        ),
        (
            "object",
            {**described, **amounts("Value", value="2k"), "metric": {"name": "m"}},
            {**target, "metricName": "m", f"{word}Value": "2k"},
        ),
        (
            "object",
            {**described, **amounts("AverageValue", averageValue="2"), **metric},
            {
                **target,
                "metricName": "m",
                f"{word}Value": "0",
                "selector": _SELECTOR,
                "averageValue": "2",
            },
        ),
        (
            "external",
            {**metric, **amounts("Value", value="1")},
            {"metricName": "m", "metricSelector": _SELECTOR, f"{word}Value": "1"},
        ),
    ]
    if is_target:
        kinds += [
            (
                "resource",
                {"name": "memory", **amounts("Utilization", averageUtilization=60)},
                {"name": "memory", "targetAverageUtilization": 60},
            ),
            (
                "external",
                {**metric, **amounts("AverageValue", averageValue="30")},
                {"metricName": "m", "metricSelector": _SELECTOR, "targetAverageValue": "30"},
            ),
        ]
    return [
        (
            {"type": name[0].upper() + name[1:], name: new},
            {"type": name[0].upper() + name[1:], name: old},
        )
        for name, new, old in kinds
    ]


@pytest.mark.parametrize(("new", "old"), _pairs("target"))
def test_targets_are_written_as_in_v2beta1(new: dict[str, Any], old: dict[str, Any]) -> None:
    """Byte for byte as Go writes them, and read back to what they were."""
    spec = HorizontalPodAutoscalerSpec()
    decode({"metrics": [new]}, spec)
    text = noted.targets(spec.metrics)
    assert text == json.dumps([old], separators=(",", ":"))
    read = HorizontalPodAutoscalerSpec()
    noted.read_targets(text, read)
    assert encode.data(read) == {"metrics": [new]}


@pytest.mark.parametrize(("new", "old"), _pairs("current"))
def test_measured_values_are_written_as_in_v2beta1(
    new: dict[str, Any], old: dict[str, Any]
) -> None:
    """As targets are, with other words."""
    status = HorizontalPodAutoscalerStatus()
    decode({"currentMetrics": [new]}, status)
    text = noted.currents(status.current_metrics)
    assert text == json.dumps([old], separators=(",", ":"))
    read = HorizontalPodAutoscalerStatus()
    noted.read_currents(text, read)
    assert encode.data(read) == {"currentMetrics": [new]}


def test_a_behavior_has_the_names_of_go() -> None:
    """It is written whole, nulls among it, and read with any case of letters."""
    policies = [{"type": "Pods", "value": 4, "periodSeconds": 15}]
    given = {"scaleUp": {"stabilizationWindowSeconds": 0, "policies": policies}}
    spec = HorizontalPodAutoscalerSpec()
    decode({"behavior": given}, spec)
    text = noted.behavior(spec.behavior)
    assert text == (
        '{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":null,'
        '"Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15}],"Tolerance":null},"ScaleDown":null}'
    )
    for written in (text, json.dumps(given), text.lower().replace('"pods"', '"Pods"')):
        read = HorizontalPodAutoscalerSpec()
        noted.read_behavior(written, read)
        assert encode.data(read) == {"behavior": given}


@pytest.mark.parametrize(
    "text", ["", "[{]", "{}", '["x"]', '[{"type":"Pods","pods":{"targetAverageValue":"lots"}}]']
)
def test_what_is_no_metric_is_told(text: str) -> None:
    """Not JSON, of another form, or with a value that its field cannot take."""
    with pytest.raises(noted.Unread):
        noted.read_targets(text, HorizontalPodAutoscalerSpec())
