"""Cells of Nodes."""

from __future__ import annotations

from typing import Any

from protocube.tables.kinds import missing

_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"


def status(node: Any, _now: float) -> str:
    """Tell whether the node is ready, and whether pods may be put on it."""
    found = [one.status for one in node.status.conditions if one.type == "Ready"]
    text = "Unknown"
    if found:
        text = "Ready" if found[-1] == "True" else "NotReady"
    return f"{text},SchedulingDisabled" if node.spec.unschedulable else text


def roles(node: Any, _now: float) -> str:
    """Return the roles that the labels name, in order."""
    labels = node.metadata.labels
    found = {key.removeprefix(_ROLE_PREFIX) for key in labels if key.startswith(_ROLE_PREFIX)}
    found.add(labels.get(_ROLE_LABEL, ""))
    return ",".join(sorted(found - {""})) or missing.NONE


def version(node: Any, _now: float) -> str:
    """Return the kubelet's version, nothing before there is a kubelet."""
    return str(node.status.node_info.kubelet_version)


def internal_ip(node: Any, _now: float) -> str:
    """Return the first address inside the cluster."""
    return _address(node, "InternalIP")


def external_ip(node: Any, _now: float) -> str:
    """Return the first address outside the cluster."""
    return _address(node, "ExternalIP")


def os_image(node: Any, _now: float) -> str:
    """Return the operating system."""
    return node.status.node_info.os_image or missing.UNKNOWN


def kernel_version(node: Any, _now: float) -> str:
    """Return the kernel's version."""
    return node.status.node_info.kernel_version or missing.UNKNOWN


def container_runtime(node: Any, _now: float) -> str:
    """Return what runs containers, and its version."""
    return node.status.node_info.container_runtime_version or missing.UNKNOWN


def _address(node: Any, kind: str) -> str:
    found = (one.address for one in node.status.addresses if one.type == kind)
    return next(found, missing.NONE)
