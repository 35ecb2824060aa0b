"""The conditions in a pod's status: Kubernetes' ``podutil.UpdatePodCondition``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds import conditions

if TYPE_CHECKING:
    from datetime import datetime


def is_true(pod: Any, name: str) -> bool:
    """Tell whether the pod has a condition, and it is true."""
    found = conditions.find(pod.status, name)
    return found is not None and bool(found.status == conditions.TRUE)


def settle(pod: Any, name: str, now: datetime, *, reason: str = "", message: str = "") -> None:
    """Make a condition true. The time of its change stays when it has been so."""
    condition = conditions.settle(
        pod.status, name, conditions.TRUE, now, reason=reason, message=message
    )
    condition.ClearField("last_probe_time")
