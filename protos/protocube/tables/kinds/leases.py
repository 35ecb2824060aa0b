"""Cells of Leases."""

from __future__ import annotations

from typing import Any


def holder(lease: Any, _now: float) -> str:
    """Return who has the lease; nobody may."""
    return str(lease.spec.holder_identity)
