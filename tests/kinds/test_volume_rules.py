"""Rules on volumes outside of pods: their secrets, their names, volumes within attachments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.updating import changed, said

_SPEC: dict[str, Any] = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]}
_CSI = {"driver": "csi.example.com", "volumeHandle": "v"}
_INLINE: dict[str, Any] = {
    "metadata": {"name": "a"},
    "spec": {
        "attacher": "csi.example.com",
        "nodeName": "n",
        "source": {"inlineVolumeSpec": {"accessModes": ["ReadWriteOnce"], "csi": _CSI}},
    },
}
_AT = "spec.source.inlineVolumeSpec"
_IN_CONTEXT = "in the context of inline volumes"


def volume(source: dict[str, Any], name: str = "disk") -> list[str]:
    """Return what is said of a PersistentVolume of ``source``."""
    return said("persistentvolumes", {"metadata": {"name": name}, "spec": {**_SPEC, **source}})


@pytest.mark.parametrize(
    "name",
    [
        "controllerExpandSecretRef",
        "controllerPublishSecretRef",
        "nodeExpandSecretRef",
        "nodePublishSecretRef",
    ],
)
def test_a_driver_finds_its_secrets(name: str) -> None:
    """Each is named with its namespace, in a volume and in an attachment."""
    for reference, faults in (
        ({"name": "s", "namespace": "n"}, []),
        ({}, [".name: Required value", ".namespace: Required value"]),
        ({"name": "s"}, [".namespace: Required value"]),
        ({"name": "S!", "namespace": "n.m"}, ["name: Invalid value", "namespace: Invalid value"]),
    ):
        csi = {**_CSI, name: reference}
        inline = changed(_INLINE, {f"{_AT}.csi": csi})
        for where, found in (
            (f"spec.csi.{name}", volume({"csi": csi})),
            (f"{_AT}.csi.{name}", said("volumeattachments", inline)),
        ):
            assert len(found) == len(faults), found
            for line, fault in zip(found, faults, strict=True):
                assert line.startswith(f"{where}.{fault.removeprefix('.')}")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"persistentVolumeReclaimPolicy": "Retain", "volumeMode": "Filesystem"}, []),
        (
            {"accessModes": ["ReadWriteOncePod", "ReadWriteOnce"]},
            ["accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
        ),
        (
            {"accessModes": ["ReadWriteOnce", "Write"]},
            [
                (
                    'accessModes: Unsupported value: "Write": supported values: "ReadOnlyMany", '
                    '"ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"'
                )
            ],
        ),
        (
            {"persistentVolumeReclaimPolicy": "Delete"},
            [f"persistentVolumeReclaimPolicy: Forbidden: may only be Retain {_IN_CONTEXT}"],
        ),
        (
            {"nodeAffinity": {}, "storageClassName": "fast"},
            [
                f"{name}: Forbidden: may not be specified {_IN_CONTEXT}"
                for name in ("nodeAffinity", "storageClassName")
            ],
        ),
        (
            {"volumeMode": "Block"},
            [
                (
                    "volumeMode: Forbidden: may not specify volumeMode other than Filesystem "
                    f"{_IN_CONTEXT}"
                )
            ],
        ),
        ({"csi": {"driver": "csi.example.com"}}, ["csi.volumeHandle: Required value"]),
    ],
)
def test_an_inline_volume_is_less_than_a_volume(
    changes: dict[str, Any], expected: list[str]
) -> None:
    """It is a driver's, complete, and says nothing that only a PersistentVolume says."""
    inline = {f"{_AT}.{name}": value for name, value in changes.items()}
    found = said("volumeattachments", changed(_INLINE, inline))
    assert found == [f"{_AT}.{line}" for line in expected]


def test_an_interface_of_iscsi_has_a_short_name() -> None:
    """It is made of the names of the volume and of the portal."""
    disk = {"targetPortal": "p" * 60, "iqn": "iqn.2024-01.com.example:a", "lun": 0}
    assert volume({"iscsi": disk}) == []
    disk["initiatorName"] = "iqn.2024-01.com.example:b"
    assert volume({"iscsi": disk}, "abc") == []
    (only,) = volume({"iscsi": disk}, "abcd")
    assert only.startswith("spec.iscsi.targetPortal: Invalid value: ")
    assert only.endswith("under 64 characters if iscsi.initiatorName is specified.")


@pytest.mark.parametrize("registry", ["host:1", "host:1,192.0.2.1:2", "[2001:db8::1]:80", ":80"])
def test_a_registry_of_quobyte_has_a_port(registry: str) -> None:
    """Each of them, with commas between."""
    assert volume({"quobyte": {"registry": registry, "volume": "v"}}) == []
    (only,) = volume({"quobyte": {"registry": f"{registry},host", "volume": "v"}})
    detail = "must be a host:port pair or multiple pairs separated by commas"
    assert only == f'spec.quobyte.registry: Invalid value: "{registry},host": {detail}'


def test_a_tenant_of_quobyte_is_short() -> None:
    """It is a number of its own, in text."""
    quobyte = {"registry": "host:1", "volume": "v", "tenant": "t" * 64}
    assert volume({"quobyte": quobyte}) == []
    quobyte["tenant"] += "t"
    detail = "must be a UUID and may not exceed a length of 64 characters"
    assert volume({"quobyte": quobyte}) == [f"spec.quobyte.tenant: Required value: {detail}"]
