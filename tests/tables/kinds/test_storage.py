"""Cells of StorageClasses, CSI drivers and what they attach."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import cells


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (
            {"metadata": {"name": "a", "annotations": {"other": "true"}}},
            {"NAME": "a", "ALLOWVOLUMEEXPANSION": "false"},
        ),
        (
            {
                "metadata": {
                    "name": "a",
                    "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
                },
                "allowVolumeExpansion": True,
            },
            {"NAME": "a (default)", "ALLOWVOLUMEEXPANSION": "true"},
        ),
        (
            {
                "metadata": {
                    "name": "a",
                    "annotations": {
                        "storageclass.kubernetes.io/is-default-class": "false",
                        "storageclass.beta.kubernetes.io/is-default-class": "true",
                    },
                }
            },
            {"NAME": "a (default)"},
        ),
    ],
)
def test_a_storage_class(manifest: dict[str, Any], expected: dict[str, str]) -> None:
    """Two annotations make it the default one."""
    assert cells("storageclasses", manifest, expected) == expected


@pytest.mark.parametrize(
    ("word", "manifest", "expected"),
    [
        ("csidrivers", {}, {"TOKENREQUESTS": "<unset>", "MODES": "<none>"}),
        (
            "csidrivers",
            {
                "spec": {
                    "tokenRequests": [{"audience": "a"}, {"audience": "b"}],
                    "volumeLifecycleModes": ["Persistent", "Ephemeral"],
                }
            },
            {"TOKENREQUESTS": "a,b", "MODES": "Persistent,Ephemeral"},
        ),
        ("csinodes", {"spec": {"drivers": [{"name": "a"}, {"name": "b"}]}}, {"DRIVERS": "2"}),
        ("csistoragecapacities", {}, {"CAPACITY": "<unset>"}),
        ("csistoragecapacities", {"capacity": "10Gi"}, {"CAPACITY": "10Gi"}),
        ("volumeattachments", {}, {"PV": "", "ATTACHED": "false"}),
        (
            "volumeattachments",
            {
                "spec": {"source": {"persistentVolumeName": "pv-1"}},
                "status": {"attached": True},
            },
            {"PV": "pv-1", "ATTACHED": "true"},
        ),
    ],
)
def test_what_drivers_say(word: str, manifest: dict[str, Any], expected: dict[str, str]) -> None:
    """What is not said is unset, and nothing is attached."""
    assert cells(word, manifest, expected) == expected
