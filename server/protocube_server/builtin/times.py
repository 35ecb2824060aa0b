"""Rules on times of day and where they are."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule


def _time_zone(found: Found) -> Iterator[errors.Violation]:
    """The zone is one that this machine knows; a machine that knows none takes every name."""
    if not _is_known(found.value) and _is_known("Etc/UTC"):
        detail = f"unknown time zone {found.value}"
        yield violations.invalid(found.path, found.value, detail)


def _is_known(name: str) -> bool:
    if not name or name == "Local":
        return True  # Another rule speaks of these.
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


BY_NAME: dict[str, ComputedRule] = {"time_zone": _time_zone}
