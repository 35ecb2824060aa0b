"""Cells of CertificateSigningRequests."""

from __future__ import annotations

from typing import Any

from protocube.tables import durations
from protocube.tables.kinds import missing


def requestor(request: Any, _now: float) -> str:
    """Return who asks."""
    return str(request.spec.username)


def requested_duration(request: Any, _now: float) -> str:
    """Return for how long the certificate should be good."""
    if not request.spec.HasField("expiration_seconds"):
        return missing.NONE
    return durations.human(request.spec.expiration_seconds)


def condition(request: Any, _now: float) -> str:
    """Return what was decided, and what came of it."""
    types = {one.type for one in request.status.conditions}
    decided = next((kind for kind in ("Denied", "Approved") if kind in types), "Pending")
    failed = ",Failed" if "Failed" in types else ""
    issued = ",Issued" if request.status.certificate else ""
    return f"{decided}{failed}{issued}"
