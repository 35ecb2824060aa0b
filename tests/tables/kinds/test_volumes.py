"""Cells of PersistentVolumes and their claims."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import AN_HOUR_AGO, cells

BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
ALL_MODES = ["ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany", "ReadWriteOnce", "ReadWriteMany"]


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (
            {"status": {"phase": "Available"}},
            {
                "CAPACITY": "0",
                "ACCESS MODES": "",
                "STATUS": "Available",
                "CLAIM": "",
                "STORAGECLASS": "",
                "VOLUMEATTRIBUTESCLASS": "<unset>",
                "REASON": "",
                "VOLUMEMODE": "<unset>",
            },
        ),
        (
            {
                "spec": {
                    "capacity": {"storage": "5Gi"},
                    "accessModes": ALL_MODES,
                    "persistentVolumeReclaimPolicy": "Retain",
                    "claimRef": {"namespace": "shop", "name": "data"},
                    "storageClassName": "fast",
                    "volumeAttributesClassName": "gold",
                    "volumeMode": "Block",
                },
                "status": {"phase": "Failed", "reason": "Lost"},
            },
            {
                "CAPACITY": "5Gi",
                "ACCESS MODES": "RWO,ROX,RWX,RWOP",
                "RECLAIM POLICY": "Retain",
                "STATUS": "Failed",
                "CLAIM": "shop/data",
                "STORAGECLASS": "fast",
                "VOLUMEATTRIBUTESCLASS": "gold",
                "REASON": "Lost",
                "VOLUMEMODE": "Block",
            },
        ),
        (
            {
                "metadata": {"deletionTimestamp": AN_HOUR_AGO, "annotations": {BETA_CLASS: "old"}},
                "spec": {"storageClassName": "new"},
                "status": {"phase": "Bound"},
            },
            {"STATUS": "Terminating", "STORAGECLASS": "old"},
        ),
    ],
)
def test_a_volume(manifest: dict[str, Any], expected: dict[str, str]) -> None:
    """Modes have short names in one order; the annotation of old names the class."""
    assert cells("persistentvolumes", manifest, expected) == expected


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (
            {
                "spec": {"resources": {"requests": {"storage": "1Gi"}}},
                "status": {"phase": "Pending", "accessModes": ["ReadWriteOnce"]},
            },
            {
                "STATUS": "Pending",
                "VOLUME": "",
                "CAPACITY": "",
                "ACCESS MODES": "",
                "STORAGECLASS": "",
                "VOLUMEATTRIBUTESCLASS": "<unset>",
                "VOLUMEMODE": "<unset>",
            },
        ),
        (
            {
                "spec": {
                    "volumeName": "pv-1",
                    "storageClassName": "fast",
                    "volumeAttributesClassName": "gold",
                    "volumeMode": "Filesystem",
                },
                "status": {
                    "phase": "Bound",
                    "accessModes": ["ReadWriteOnce"],
                    "capacity": {"storage": "2Gi"},
                },
            },
            {
                "STATUS": "Bound",
                "VOLUME": "pv-1",
                "CAPACITY": "2Gi",
                "ACCESS MODES": "RWO",
                "STORAGECLASS": "fast",
                "VOLUMEATTRIBUTESCLASS": "gold",
                "VOLUMEMODE": "Filesystem",
            },
        ),
        (
            {
                "metadata": {"deletionTimestamp": AN_HOUR_AGO, "annotations": {BETA_CLASS: ""}},
                "spec": {"volumeName": "pv-1", "storageClassName": "fast"},
                "status": {"phase": "Bound"},
            },
            {"STATUS": "Terminating", "CAPACITY": "0", "STORAGECLASS": ""},
        ),
    ],
)
def test_a_claim(manifest: dict[str, Any], expected: dict[str, str]) -> None:
    """What it asked for is not shown, only what it got."""
    assert cells("persistentvolumeclaims", manifest, expected) == expected
