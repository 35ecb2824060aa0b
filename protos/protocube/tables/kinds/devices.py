"""Cells of what asks for devices and of what offers them."""

from __future__ import annotations

from typing import Any


def claim_state(claim: Any, _now: float) -> str:
    """Return how far a ResourceClaim is: ``pending``, ``allocated``, ``reserved``, ``deleted``."""
    is_deleted = claim.metadata.HasField("deletion_timestamp")
    states = ["deleted"] if is_deleted else []
    if claim.status.HasField("allocation"):
        states.append("allocated")
        if claim.status.reserved_for:
            states.append("reserved")
    elif not is_deleted:
        states.append("pending")
    return ",".join(states)


def slice_node(item: Any, _now: float) -> str:
    """Return the node of a ResourceSlice, nothing for devices that any node can reach."""
    return str(item.spec.node_name)
