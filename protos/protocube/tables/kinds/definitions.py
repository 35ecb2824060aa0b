"""Cells of definitions of kinds."""

from __future__ import annotations

from typing import Any

from protocube.tables.kinds import missing


def kind(definition: Any, _now: float) -> str:
    """Return the kind."""
    kinds = definition.status.kinds
    return str(kinds[0].kind) if kinds else missing.UNSET


def versions(definition: Any, _now: float) -> str:
    """Return the versions of the kind."""
    found = (item.api_version.rpartition("/")[2] for item in definition.status.kinds)
    return ",".join(found) or missing.UNSET


def served(definition: Any, _now: float) -> str:
    """Return what the condition ``Established`` says; ``Terminating`` while it is deleted."""
    if definition.metadata.HasField("deletion_timestamp"):
        return "Terminating"
    for condition in definition.status.conditions:
        if condition.type == "Established":
            return str(condition.status)
    return missing.UNSET
