"""The conditions in the status of an object, which Kubernetes tells apart by their types.

Of several of one type the first counts, as in Kubernetes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

TRUE, FALSE = "True", "False"


def find(status: Any, name: str) -> Any:
    """Return the condition of a type, ``None`` when there is none."""
    return next((item for item in status.conditions if item.type == name), None)


def settle(
    status: Any, name: str, value: str, now: datetime, *, reason: str = "", message: str = ""
) -> Any:
    """Let a condition have this status, and return it.

    Its time is that of the last change of its status.
    """
    found = find(status, name)
    condition = found if found is not None else status.conditions.add(type=name)
    if condition.status != value:
        condition.status = value
        condition.last_transition_time.FromSeconds(int(now.timestamp()))
    condition.reason, condition.message = reason, message
    return condition
