"""Cells of Nodes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import cells


def ready(status: str) -> dict[str, Any]:
    """Return a node's status with two conditions."""
    conditions = [{"type": "DiskPressure", "status": "True"}, {"type": "Ready", "status": status}]
    return {"conditions": conditions}


@pytest.mark.parametrize(
    ("spec", "status", "expected"),
    [
        ({}, {}, "Unknown"),
        ({}, ready("True"), "Ready"),
        ({}, ready("False"), "NotReady"),
        ({}, ready("Unknown"), "NotReady"),
        ({"unschedulable": True}, ready("True"), "Ready,SchedulingDisabled"),
        ({"unschedulable": True}, {}, "Unknown,SchedulingDisabled"),
    ],
)
def test_the_status_of_a_node(spec: dict[str, Any], status: dict[str, Any], expected: str) -> None:
    """It is the condition Ready, and whether pods may come."""
    assert cells("nodes", {"spec": spec, "status": status}, ["STATUS"]) == {"STATUS": expected}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"kubernetes.io/hostname": "a"}, "<none>"),
        ({"node-role.kubernetes.io/": "", "kubernetes.io/role": ""}, "<none>"),
        (
            {
                "node-role.kubernetes.io/worker": "",
                "node-role.kubernetes.io/control-plane": "",
                "kubernetes.io/role": "ingress",
            },
            "control-plane,ingress,worker",
        ),
        ({"node-role.kubernetes.io/worker": "", "kubernetes.io/role": "worker"}, "worker"),
    ],
)
def test_the_roles_of_a_node(labels: dict[str, str], expected: str) -> None:
    """They are sorted and come from two labels."""
    assert cells("nodes", {"metadata": {"labels": labels}}, ["ROLES"]) == {"ROLES": expected}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (
            {},
            {
                "VERSION": "",
                "INTERNAL-IP": "<none>",
                "EXTERNAL-IP": "<none>",
                "OS-IMAGE": "<unknown>",
                "KERNEL-VERSION": "<unknown>",
                "CONTAINER-RUNTIME": "<unknown>",
            },
        ),
        (
            {
                "addresses": [
                    {"type": "Hostname", "address": "n1"},
                    {"type": "InternalIP", "address": "10.0.0.1"},
                    {"type": "InternalIP", "address": "fd00::1"},
                    {"type": "ExternalIP", "address": "192.0.2.1"},
                ],
                "nodeInfo": {
                    "kubeletVersion": "v1.34.0",
                    "osImage": "Debian GNU/Linux 12 (bookworm)",
                    "kernelVersion": "6.1.0",
                    "containerRuntimeVersion": "containerd://2.1.0",
                },
            },
            {
                "VERSION": "v1.34.0",
                "INTERNAL-IP": "10.0.0.1",
                "EXTERNAL-IP": "192.0.2.1",
                "OS-IMAGE": "Debian GNU/Linux 12 (bookworm)",
                "KERNEL-VERSION": "6.1.0",
                "CONTAINER-RUNTIME": "containerd://2.1.0",
            },
        ),
    ],
)
def test_what_a_node_is(status: dict[str, Any], expected: dict[str, str]) -> None:
    """The first address of a type is shown; before there is a kubelet, little is known."""
    assert cells("nodes", {"status": status}, expected) == expected
