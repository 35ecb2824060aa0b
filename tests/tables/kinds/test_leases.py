"""Cells of Leases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import cells


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ({}, {"HOLDER": ""}),
        ({"spec": {"holderIdentity": "a"}}, {"HOLDER": "a"}),
    ],
)
def test_a_lease(manifest: dict[str, Any], expected: dict[str, str]) -> None:
    """Nobody may have it."""
    assert cells("leases", manifest, expected) == expected
