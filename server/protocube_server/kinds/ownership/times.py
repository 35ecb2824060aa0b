"""Times of owners: whole seconds since 1970, and their text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from protocube_server.kinds.ownership import elements

LAST: Final = 253_402_300_799
"""The last second of the year 9999."""


def text(seconds: int) -> str:
    """Return a time as Kubernetes writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def seconds(written: object) -> int:
    """Return the seconds of a text, 0 for earlier ones. Raises :class:`elements.Unreadable`."""
    try:
        return max(0, int(datetime.fromisoformat(str(written)).timestamp()))
    except (ValueError, OverflowError) as error:
        raise elements.Unreadable(f"no time: {str(written)[:80]!r}") from error
