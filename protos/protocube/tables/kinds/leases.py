"""Cells of Leases."""

from __future__ import annotations

from typing import Any


def holder(lease: Any, _now: float) -> str:
    """Return the holder's name, empty when there is none."""
    return str(lease.spec.holder_identity)
