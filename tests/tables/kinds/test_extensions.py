"""Cells of what extends the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import cells


@pytest.mark.parametrize(
    ("word", "manifest", "expected"),
    [
        ("mutatingwebhookconfigurations", {"webhooks": [{}, {}]}, {"WEBHOOKS": "2"}),
        ("validatingwebhookconfigurations", {}, {"WEBHOOKS": "0"}),
        ("mutatingadmissionpolicies", {"spec": {"mutations": [{}]}}, {"MUTATIONS": "1"}),
        ("validatingadmissionpolicies", {}, {"VALIDATIONS": "0", "PARAMKIND": "<unset>"}),
        (
            "validatingadmissionpolicies",
            {"spec": {"validations": [{}], "paramKind": {"apiVersion": "a.io/v1", "kind": "B"}}},
            {"VALIDATIONS": "1", "PARAMKIND": "a.io/v1/B"},
        ),
        ("validatingadmissionpolicybindings", {}, {"PARAMREF": "<unset>"}),
        (
            "validatingadmissionpolicybindings",
            {"spec": {"paramRef": {"name": "a"}}},
            {"PARAMREF": "*/a"},
        ),
        (
            "validatingadmissionpolicybindings",
            {"spec": {"paramRef": {"name": "a", "namespace": "b"}}},
            {"PARAMREF": "b/a"},
        ),
        (
            "validatingadmissionpolicybindings",
            {"spec": {"paramRef": {"selector": {"matchLabels": {"a": "b"}}}}},
            {"PARAMREF": "a=b"},
        ),
        ("apiservices", {}, {"SERVICE": "Local", "AVAILABLE": "Unknown"}),
        (
            "apiservices",
            {
                "spec": {"service": {"namespace": "a", "name": "b"}},
                "status": {"conditions": [{"type": "Available", "status": "True", "reason": "OK"}]},
            },
            {"SERVICE": "a/b", "AVAILABLE": "True"},
        ),
        (
            "apiservices",
            {
                "status": {
                    "conditions": [{"type": "Available", "status": "False", "reason": "Gone"}]
                }
            },
            {"AVAILABLE": "False (Gone)"},
        ),
        (
            "apiservices",
            {"status": {"conditions": [{"type": "Available", "status": "False"}]}},
            {"AVAILABLE": "False"},
        ),
    ],
)
def test_what_extends_the_api(
    word: str, manifest: dict[str, Any], expected: dict[str, str]
) -> None:
    """Webhooks and rules are counted; parameters and services are named."""
    assert cells(word, manifest, expected) == expected
