"""How many of a thing the rules let pass: too many to be written out in ``rules/``.

The good manifests and the way to change them are those of ``test_rules``.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract import violations
from tests.contract.test_rules import GOOD, changed


def requests(count: int) -> dict[str, Any]:
    """Return a claim with so many requests."""
    exactly = {"deviceClassName": "gpu.example.com"}
    found = [{"name": f"gpu-{i}", "exactly": exactly} for i in range(count)]
    return {"spec.devices.requests": found}


def devices(count: int, **more: Any) -> dict[str, Any]:
    """Return a slice with so many devices."""
    return {"spec.devices": [{"name": f"gpu-{i}", **more} for i in range(count)]}


def attributes(count: int) -> dict[str, Any]:
    """Return a device with so many attributes."""
    return {"spec.devices.0.attributes": {f"a{i}": {"int": i} for i in range(count)}}


def audit_annotations(count: int) -> dict[str, Any]:
    """Return a policy with so many audit annotations."""
    found = [{"key": f"key-{i}", "valueExpression": "'a'"} for i in range(count)]
    return {"spec.auditAnnotations": found}


def match_conditions(count: int) -> dict[str, Any]:
    """Return a webhook with so many conditions."""
    found = [{"name": f"condition-{i}", "expression": "true"} for i in range(count)]
    return {"webhooks.0.matchConditions": found}


def expression(size: int) -> dict[str, Any]:
    """Return a device class whose selector has so many bytes."""
    return {"spec.selectors.0.cel.expression": "x" * size}


TAINTED = {"taints": [{"key": "ill", "effect": "None"}]}

LIMITS = [
    ("resource-claim", requests(32), requests(33), "repeated.max_items"),
    ("resource-slice", devices(128), devices(129), "repeated.max_items"),
    ("resource-slice", devices(64, **TAINTED), devices(65, **TAINTED), "too_long.devices"),
    ("resource-slice", attributes(32), attributes(33), "invalid.attributes_and_capacity"),
    ("device-class", expression(10240), expression(10241), "string.max_bytes"),
    (
        "validating-admission-policy",
        audit_annotations(20),
        audit_annotations(21),
        "invalid.audit_annotations",
    ),
    (
        "validating-webhook-configuration",
        match_conditions(64),
        match_conditions(65),
        "repeated.max_items",
    ),
]


@pytest.mark.parametrize(("kind", "most", "more", "rule"), LIMITS)
def test_one_more_than_the_most_is_refused(
    kind: str, most: dict[str, Any], more: dict[str, Any], rule: str
) -> None:
    """The greatest number passes, and the next one breaks just the rule that counts."""
    assert violations.of(changed(GOOD[kind], {"set": most})) == []
    assert [item.rule for item in violations.of(changed(GOOD[kind], {"set": more}))] == [rule]
