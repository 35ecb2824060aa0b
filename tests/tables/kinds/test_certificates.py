"""Cells of CertificateSigningRequests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import cells


@pytest.mark.parametrize(
    ("conditions", "certificate", "expected"),
    [
        ([], "", "Pending"),
        (["Approved"], "", "Approved"),
        (["Approved", "Denied"], "", "Denied"),
        (["Approved", "Failed"], "", "Approved,Failed"),
        (["Approved"], "AA==", "Approved,Issued"),
    ],
)
def test_the_condition_of_a_signing_request(
    conditions: list[str], certificate: str, expected: str
) -> None:
    """A denial outweighs an approval; what came of it follows."""
    status = {"conditions": [{"type": kind} for kind in conditions], "certificate": certificate}
    assert cells("csr", {"status": status}, ["CONDITION"]) == {"CONDITION": expected}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, {"REQUESTOR": "", "REQUESTEDDURATION": "<none>"}),
        (
            {"username": "ann", "expirationSeconds": 86400},
            {"REQUESTOR": "ann", "REQUESTEDDURATION": "24h"},
        ),
    ],
)
def test_a_signing_request(spec: dict[str, Any], expected: dict[str, str]) -> None:
    """It shows who asks and for how long."""
    assert cells("csr", {"spec": spec}, expected) == expected
