"""Cells of FlowSchemas and PriorityLevelConfigurations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import cells


@pytest.mark.parametrize(
    ("word", "manifest", "expected"),
    [
        ("flowschemas", {}, {"DISTINGUISHERMETHOD": "<none>", "MISSINGPL": "?"}),
        (
            "flowschemas",
            {
                "spec": {"distinguisherMethod": {"type": "ByUser"}},
                "status": {"conditions": [{"type": "Dangling", "status": "False"}]},
            },
            {"DISTINGUISHERMETHOD": "ByUser", "MISSINGPL": "False"},
        ),
        (
            "prioritylevelconfigurations",
            {"spec": {"type": "Exempt"}},
            {
                "TYPE": "Exempt",
                "NOMINALCONCURRENCYSHARES": "<none>",
                "QUEUES": "<none>",
                "HANDSIZE": "<none>",
                "QUEUELENGTHLIMIT": "<none>",
            },
        ),
        (
            "prioritylevelconfigurations",
            {
                "spec": {
                    "limited": {
                        "nominalConcurrencyShares": 30,
                        "limitResponse": {
                            "queuing": {"queues": 64, "handSize": 6, "queueLengthLimit": 50}
                        },
                    }
                }
            },
            {
                "NOMINALCONCURRENCYSHARES": "30",
                "QUEUES": "64",
                "HANDSIZE": "6",
                "QUEUELENGTHLIMIT": "50",
            },
        ),
    ],
)
def test_what_shares_the_server(
    word: str, manifest: dict[str, Any], expected: dict[str, str]
) -> None:
    """What does not apply is none; before anybody looked there is a question mark."""
    assert cells(word, manifest, expected) == expected
