"""Cells of HorizontalPodAutoscalers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import cells


def metric(kind: str, field: str, **target: Any) -> dict[str, Any]:
    """Return a metric of version 2."""
    named = {"name": "cpu"} if "esource" in field else {"metric": {"name": "rate"}}
    return {"type": kind, field: {**named, "target": target}}


def current(kind: str, field: str, **value: Any) -> dict[str, Any]:
    """Return a metric's status of version 2."""
    return {"type": kind, field: {"current": value}}


HALF = metric("Resource", "resource", averageUtilization=50)


@pytest.mark.parametrize(
    ("metrics", "statuses", "expected"),
    [
        ([], [], "<none>"),
        ([HALF], [], "cpu: <unknown>/50%"),
        ([HALF], [current("Resource", "resource", averageUtilization=10)], "cpu: 10%/50%"),
        ([HALF], [current("Pods", "pods", averageValue="1")], "cpu: <unknown>/50%"),
        ([metric("Resource", "resource")], [], "cpu: <unknown>/<auto>"),
        (
            [metric("Resource", "resource", averageValue="200m")],
            [current("Resource", "resource", averageValue="150m")],
            "cpu: 150m/200m",
        ),
        (
            [metric("ContainerResource", "containerResource", averageUtilization=80)],
            [current("ContainerResource", "containerResource", averageUtilization=5)],
            "cpu: 5%/80%",
        ),
        (
            [metric("Pods", "pods", averageValue="20")],
            [current("Pods", "pods", averageValue="10")],
            "10/20",
        ),
        (
            [metric("Object", "object", value="20")],
            [current("Object", "object", value="10")],
            "10/20",
        ),
        (
            [metric("External", "external", averageValue="20")],
            [current("External", "external", averageValue="10")],
            "10/20 (avg)",
        ),
        ([metric("External", "external", value="20")], [], "<unknown>/20"),
        ([{"type": "Tomorrow"}], [], "<unknown type>"),
        ([HALF, HALF], [], "cpu: <unknown>/50%, cpu: <unknown>/50%"),
        ([HALF] * 4, [], "cpu: <unknown>/50%, cpu: <unknown>/50% + 2 more..."),
    ],
)
def test_the_targets(
    metrics: list[dict[str, Any]], statuses: list[dict[str, Any]], expected: str
) -> None:
    """A status belongs to the metric at its place; two metrics are shown."""
    manifest = {"spec": {"metrics": metrics}, "status": {"currentMetrics": statuses}}
    assert cells("hpa", manifest, ["TARGETS"]) == {"TARGETS": expected}


@pytest.mark.parametrize(
    ("spec", "status", "expected"),
    [
        ({}, {}, "<none>"),
        ({"targetCPUUtilizationPercentage": 80}, {}, "cpu: <unknown>/80%"),
        (
            {"targetCPUUtilizationPercentage": 80},
            {"currentCPUUtilizationPercentage": 0},
            "cpu: 0%/80%",
        ),
    ],
)
def test_the_targets_of_version_1(
    spec: dict[str, Any], status: dict[str, Any], expected: str
) -> None:
    """It knows one metric, which is shown in the same form."""
    manifest = {"spec": spec, "status": status}
    assert cells("hpa.v1.autoscaling", manifest, ["TARGETS"]) == {"TARGETS": expected}


@pytest.mark.parametrize("word", ["hpa", "hpa.v1.autoscaling"])
def test_an_autoscaler(word: str) -> None:
    """Both versions show what is scaled and how far."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    manifest = {
        "spec": {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 9},
        "status": {"currentReplicas": 3},
    }
    expected = {"REFERENCE": "Deployment/web", "MINPODS": "2", "MAXPODS": "9", "REPLICAS": "3"}
    assert cells(word, manifest, expected) == expected
    assert cells(word, {}, ["MINPODS"]) == {"MINPODS": "<unset>"}
