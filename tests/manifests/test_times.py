"""Times in manifests."""

from __future__ import annotations

from typing import Any

import pytest

from protocube.catalog import Catalog
from protocube.manifests import go_time
from protocube.manifests.decode import decode


def _faults(word: str, manifest: dict[str, Any]) -> list[str]:
    """Return what the decoder says of the values in a manifest."""
    resource = Catalog.shipped().find(word)
    assert resource is not None
    return [fault.message for fault in decode(manifest, resource.message_class()).faults]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2020-01-01T00:00:00.123456Z", None),
        ("2020-01-01T00:00:00,123456+02:00", None),
        ("2020-01-01T00:00:00Z", 'cannot parse "Z" as ".000000"'),
        ("2020-01-01T00:00:00.123Z", 'cannot parse ".123Z" as ".000000"'),
        ("2020-01-01T00:00:00.123456789Z", 'cannot parse "789Z" as "Z07:00"'),
    ],
)
def test_a_micro_time_has_six_digits(text: str, fault: str | None) -> None:
    """Kubernetes refuses a text with more of them, or fewer, where it keeps microseconds."""
    found = _faults("leases", {"spec": {"renewTime": text}})
    start = f'parsing time "{text}" as "2006-01-02T15:04:05.000000Z07:00": '
    assert found == ([] if fault is None else [start + fault])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2020-01-01T00:00:00Z", None),
        ("2020-01-01T00:00:00.123456789-07:30", None),
        ("2020-01-01T0:00:00Z", None),
        ("foo", ' as "2006-01-02T15:04:05Z07:00": cannot parse "foo" as "2006"'),
        ("2020-01-01", ' as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'),
        ("2020-13-01T00:00:00Z", ": month out of range"),
        ("2020-02-30T00:00:00Z", ": day out of range"),
        ("2020-01-01T23:59:60Z", ": second out of range"),
        ("2020-01-01T00:00:00+25:00", ": time zone offset hour out of range"),
        ("2020-01-01T00:00:00Zx", ': extra text: "x"'),
    ],
)
def test_times_are_taken_and_refused_as_gos(text: str, fault: str | None) -> None:
    """Observed with Go's ``time.Parse(time.RFC3339, ...)``."""
    expected = None if fault is None else f'parsing time "{text}"{fault}'
    assert go_time.fault(text) == expected
    found = _faults("configmaps", {"metadata": {"creationTimestamp": text}})
    assert found == ([] if expected is None else [expected])
