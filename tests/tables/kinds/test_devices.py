"""Cells of what asks for devices and of what offers them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import AN_HOUR_AGO, cells


@pytest.mark.parametrize(
    ("status", "expected", "deleted"),
    [
        ({}, "pending", "deleted"),
        ({"allocation": {}}, "allocated", "deleted,allocated"),
        (
            {"allocation": {}, "reservedFor": [{"name": "p"}]},
            "allocated,reserved",
            "deleted,allocated,reserved",
        ),
    ],
)
def test_the_state_of_a_device_claim(status: dict[str, Any], expected: str, deleted: str) -> None:
    """A deleted claim is not pending any more."""
    manifest: dict[str, Any] = {"status": status}
    assert cells("resourceclaims", manifest, ["STATE"]) == {"STATE": expected}
    manifest["metadata"] = {"deletionTimestamp": AN_HOUR_AGO}
    assert cells("resourceclaims", manifest, ["STATE"]) == {"STATE": deleted}


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ({"spec": {"driver": "d"}}, {"NODE": "", "DRIVER": "d"}),
        ({"spec": {"nodeName": "n1"}}, {"NODE": "n1"}),
    ],
)
def test_the_node_of_a_slice(manifest: dict[str, Any], expected: dict[str, str]) -> None:
    """Devices that any node can reach have none."""
    assert cells("resourceslices", manifest, expected) == expected
