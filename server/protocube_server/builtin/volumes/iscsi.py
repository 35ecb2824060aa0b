"""A rule on iSCSI volumes, whichever way they come to a pod."""

from __future__ import annotations

from typing import Any

_MOST = 64
TOO_LONG = (
    "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if "
    "iscsi.initiatorName is specified."
)


def is_too_long(volume: str, iscsi: Any) -> bool:
    """Tell whether an initiator's interface cannot be called by both names it is made of."""
    name = f"{volume}:{iscsi.target_portal}".encode()
    return iscsi.HasField("initiator_name") and len(name) > _MOST
