"""Cells that say what is in any object's metadata."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from protocube.tables.kinds import missing


def created_at(item: Any, _now: float) -> str:
    """Return the time of creation, for kinds that kubectl shows no age of."""
    if not item.metadata.HasField("creation_timestamp"):
        return missing.UNKNOWN
    created = item.metadata.creation_timestamp.ToDatetime(tzinfo=UTC)
    return str(created.strftime("%Y-%m-%dT%H:%M:%SZ"))


def controller(item: Any, _now: float) -> str:
    """Return the managing controller as ``statefulset.apps/db``."""
    for owner in item.metadata.owner_references:
        if owner.controller:
            group, _, _ = owner.api_version.rpartition("/")
            kind = f"{owner.kind}.{group}" if group else owner.kind
            return f"{kind.lower()}/{owner.name}"
    return missing.NONE
