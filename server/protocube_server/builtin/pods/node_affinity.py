"""The choice of nodes, where an update may make another one."""

from __future__ import annotations

from typing import Any


def keep(spec: Any, old: Any) -> None:
    """Return the ``spec`` of a pod the node affinity of the old one, as it was or not at all."""
    if old.affinity.HasField("node_affinity"):
        spec.affinity.node_affinity.CopyFrom(old.affinity.node_affinity)
        return
    spec.affinity.ClearField("node_affinity")
    if not old.HasField("affinity") and not spec.affinity.ListFields():
        spec.ClearField("affinity")
