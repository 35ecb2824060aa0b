"""Cells of what runs pods from a template."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import cells

TEMPLATE = {
    "metadata": {"labels": {"b": "2", "a": "1"}},
    "spec": {
        "containers": [{"name": "one", "image": "x:1"}, {"name": "two", "image": "y:2"}],
        "nodeSelector": {"disk": "ssd"},
    },
}


@pytest.mark.parametrize(
    ("word", "manifest", "expected"),
    [
        (
            "statefulsets",
            {"spec": {"replicas": 3, "template": TEMPLATE}, "status": {"readyReplicas": 2}},
            {"READY": "2/3", "CONTAINERS": "one,two", "IMAGES": "x:1,y:2"},
        ),
        (
            "daemonsets",
            {"spec": {"template": TEMPLATE, "selector": {"matchLabels": {"a": "1"}}}},
            {
                "DESIRED": "0",
                "NODE SELECTOR": "disk=ssd",
                "CONTAINERS": "one,two",
                "IMAGES": "x:1,y:2",
                "SELECTOR": "a=1",
            },
        ),
        ("daemonsets", {}, {"NODE SELECTOR": "<none>"}),
        (
            "replicationcontrollers",
            {"spec": {"replicas": 1, "selector": {"b": "2", "a": "1"}, "template": TEMPLATE}},
            {"DESIRED": "1", "CONTAINERS": "one,two", "IMAGES": "x:1,y:2", "SELECTOR": "a=1,b=2"},
        ),
        (
            "podtemplates",
            {"template": TEMPLATE},
            {"CONTAINERS": "one,two", "IMAGES": "x:1,y:2", "POD LABELS": "a=1,b=2"},
        ),
        ("podtemplates", {}, {"CONTAINERS": "", "POD LABELS": "<none>"}),
    ],
)
def test_a_template_is_shown(word: str, manifest: dict[str, Any], expected: dict[str, str]) -> None:
    """Names and images are joined by commas, labels are sorted."""
    assert cells(word, manifest, expected) == expected
