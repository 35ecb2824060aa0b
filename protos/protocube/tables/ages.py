"""How long ago something was, as a table shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables import durations

if TYPE_CHECKING:
    from google.protobuf.message import Message

UNKNOWN = "<unknown>"
"""What is shown for a time that is not set."""

_TIMESTAMP = "google.protobuf.Timestamp"


def is_time(message: Message) -> bool:
    """Tell whether ``message`` is a point in time."""
    return bool(message.DESCRIPTOR.full_name == _TIMESTAMP)


def since(timestamp: Any, now: float) -> str:
    """Return the time from ``timestamp`` until ``now`` (seconds since 1970)."""
    if not timestamp.seconds and not timestamp.nanos:
        return UNKNOWN
    return durations.human(now - timestamp.seconds - timestamp.nanos / 1e9)
