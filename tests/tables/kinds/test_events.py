"""Cells of events of both groups."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import AN_HOUR_AGO, TEN_MINUTES_AGO, cells

NAMES = {
    "events": {
        "regarding": "involvedObject",
        "note": "message",
        "source": "source",
        "first": "firstTimestamp",
        "last": "lastTimestamp",
        "count": "count",
        "controller": "reportingComponent",
        "instance": "reportingInstance",
    },
    "events.events.k8s.io": {
        "regarding": "regarding",
        "note": "note",
        "source": "deprecatedSource",
        "first": "deprecatedFirstTimestamp",
        "last": "deprecatedLastTimestamp",
        "count": "deprecatedCount",
        "controller": "reportingController",
        "instance": "reportingInstance",
    },
}
"""What each group calls a field of an event."""


@pytest.mark.parametrize("word", NAMES)
@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            {"eventTime": AN_HOUR_AGO, "regarding": {"kind": "Node"}, "note": " up\n"},
            {
                "LAST SEEN": "60m",
                "FIRST SEEN": "60m",
                "COUNT": "1",
                "OBJECT": "node",
                "SUBOBJECT": "",
                "SOURCE": "",
                "MESSAGE": "up",
            },
        ),
        (
            {
                "first": AN_HOUR_AGO,
                "last": TEN_MINUTES_AGO,
                "count": 4,
                "regarding": {"kind": "Pod", "name": "web", "fieldPath": "spec.containers{a}"},
                "source": {"component": "kubelet", "host": "n1"},
                "controller": "unused",
            },
            {
                "LAST SEEN": "10m",
                "FIRST SEEN": "60m",
                "COUNT": "4",
                "OBJECT": "pod/web",
                "SUBOBJECT": "spec.containers{a}",
                "SOURCE": "kubelet, n1",
            },
        ),
        (
            {
                "eventTime": AN_HOUR_AGO,
                "series": {"count": 9, "lastObservedTime": TEN_MINUTES_AGO},
                "controller": "scheduler",
                "instance": "s-1",
            },
            {"LAST SEEN": "10m", "FIRST SEEN": "60m", "COUNT": "9", "SOURCE": "scheduler, s-1"},
        ),
        ({"first": AN_HOUR_AGO}, {"LAST SEEN": "60m", "SOURCE": ""}),
        ({"controller": "scheduler"}, {"LAST SEEN": "<unknown>", "SOURCE": "scheduler"}),
    ],
)
def test_an_event(word: str, event: dict[str, Any], expected: dict[str, str]) -> None:
    """Old fields and new ones stand in for each other, in both groups alike."""
    manifest = {NAMES[word].get(key, key): value for key, value in event.items()}
    assert cells(word, manifest, expected) == expected
