"""Cells of what bounds others: quotas and disruption budgets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import cells


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, {"REQUEST": "", "LIMIT": ""}),
        (
            {
                "hard": {
                    "requests.cpu": "4",
                    "pods": "10",
                    "limits.memory": "8Gi",
                    "limits.cpu": "8",
                },
                "used": {"pods": "3", "limits.cpu": "500m", "requests.cpu": "0"},
            },
            {
                "REQUEST": "pods: 3/10, requests.cpu: 0/4",
                "LIMIT": "limits.cpu: 500m/8, limits.memory: 0/8Gi",
            },
        ),
    ],
)
def test_a_quota(status: dict[str, Any], expected: dict[str, str]) -> None:
    """Limits have a column of their own; names are sorted."""
    assert cells("resourcequotas", {"status": status}, expected) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, {"MIN AVAILABLE": "N/A", "MAX UNAVAILABLE": "N/A", "ALLOWED DISRUPTIONS": "0"}),
        ({"minAvailable": 2}, {"MIN AVAILABLE": "2", "MAX UNAVAILABLE": "N/A"}),
        ({"maxUnavailable": "25%"}, {"MIN AVAILABLE": "N/A", "MAX UNAVAILABLE": "25%"}),
    ],
)
def test_a_disruption_budget(spec: dict[str, Any], expected: dict[str, str]) -> None:
    """A bound is a number or a percentage."""
    assert cells("poddisruptionbudgets", {"spec": spec}, expected) == expected
