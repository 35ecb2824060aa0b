"""What the columns of a pod say, read as kubectl's server reads it (``printPod``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.tables import ages

if TYPE_CHECKING:
    from collections.abc import Iterable

_NODE_LOST = "NodeLost"
_ENDED = frozenset({"Succeeded", "Failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Starting:
    """How far the init containers are."""

    reason: str
    """Why the pod has not begun; empty when all init containers are through."""
    ready: int
    """How many init containers that keep running (sidecars) are ready."""


def ready(pod: Any, _now: float) -> str:
    """Return ``ready/total`` of the containers that keep running."""
    sidecars = _sidecars(pod)
    starting = _starting(pod, sidecars)
    count = starting.ready
    if _is_started(pod, starting):
        count += sum(_is_running(container) for container in pod.status.container_statuses)
    return f"{count}/{len(pod.spec.containers) + len(sidecars)}"


def status(pod: Any, _now: float) -> str:
    """Return the phase, or the reason that says more than the phase does."""
    reason = pod.status.reason or pod.status.phase
    if any(
        condition.type == "PodScheduled" and condition.reason == "SchedulingGated"
        for condition in pod.status.conditions
    ):
        reason = "SchedulingGated"
    starting = _starting(pod, _sidecars(pod))
    reason = starting.reason or reason
    if _is_started(pod, starting):
        reason = _running_reason(pod, reason)
    if pod.metadata.HasField("deletion_timestamp"):
        if pod.status.reason == _NODE_LOST:
            return "Unknown"
        if pod.status.phase not in _ENDED:
            return "Terminating"
    return reason or "<none>"


def restarts(pod: Any, now: float) -> str:
    """Return how often containers were started again, and when the last time was."""
    sidecars = _sidecars(pod)
    counted = list(pod.status.init_container_statuses)
    if _is_started(pod, _starting(pod, sidecars)):
        counted = [container for container in counted if container.name in sidecars]
        counted += pod.status.container_statuses
    else:
        counted = _until_waiting(counted, sidecars)
    total = sum(container.restart_count for container in counted)
    last = max(
        (
            (finished.seconds, finished.nanos, finished)
            for finished in (container.last_state.terminated.finished_at for container in counted)
            if finished.seconds
        ),
        key=lambda entry: entry[:2],
        default=None,
    )
    if not total or last is None:
        return str(total)
    return f"{total} ({ages.since(last[2], now)} ago)"


def readiness_gates(pod: Any, _now: float) -> str:
    """Return ``fulfilled/total`` of the readiness gates."""
    gates = [gate.condition_type for gate in pod.spec.readiness_gates]
    if not gates:
        return "<none>"
    fulfilled = sum(_has_condition(pod, gate) for gate in gates)
    return f"{fulfilled}/{len(gates)}"


def _sidecars(pod: Any) -> frozenset[str]:
    """Return the names of the init containers that keep running."""
    return frozenset(
        container.name
        for container in pod.spec.init_containers
        if container.restart_policy == "Always"
    )


def _is_through(container: Any, sidecars: frozenset[str]) -> bool:
    """Tell whether an init container does not hold the next one up."""
    state = container.state
    if state.HasField("terminated") and state.terminated.exit_code == 0:
        return True
    return container.name in sidecars and bool(container.started)


def _until_waiting(containers: Iterable[Any], sidecars: frozenset[str]) -> list[Any]:
    """Return the init containers up to the one that the pod waits for."""
    seen = []
    for container in containers:
        seen.append(container)
        if not _is_through(container, sidecars):
            break
    return seen


def _starting(pod: Any, sidecars: frozenset[str]) -> _Starting:
    count = 0
    for position, container in enumerate(pod.status.init_container_statuses):
        if not _is_through(container, sidecars):
            reason = _init_reason(container, f"{position}/{len(pod.spec.init_containers)}")
            return _Starting(reason=f"Init:{reason}", ready=count)
        has_ended = container.state.HasField("terminated")
        count += bool(container.ready and container.name in sidecars and not has_ended)
    return _Starting(reason="", ready=count)


def _init_reason(container: Any, progress: str) -> str:
    state = container.state
    if state.HasField("terminated"):
        return _end_reason(state.terminated)
    if state.waiting.reason not in ("", "PodInitializing"):
        return str(state.waiting.reason)
    return progress


def _is_started(pod: Any, starting: _Starting) -> bool:
    return not starting.reason or _has_condition(pod, "Initialized")


def _running_reason(pod: Any, reason: str) -> str:
    """Return what the containers say, the first one that says something."""
    statuses = pod.status.container_statuses
    for container in reversed(statuses):
        state = container.state
        if state.waiting.reason:
            reason = state.waiting.reason
        elif state.HasField("terminated"):
            reason = _end_reason(state.terminated)
    if reason == "Completed" and any(_is_running(container) for container in statuses):
        return "Running" if _has_condition(pod, "Ready") else "NotReady"
    return reason


def _is_running(container: Any) -> bool:
    state = container.state
    if state.waiting.reason or state.HasField("terminated"):
        return False
    return bool(container.ready and state.HasField("running"))


def _end_reason(terminated: Any) -> str:
    if terminated.reason:
        return str(terminated.reason)
    if terminated.signal:
        return f"Signal:{terminated.signal}"
    return f"ExitCode:{terminated.exit_code}"


def _has_condition(pod: Any, kind: str) -> bool:
    for condition in pod.status.conditions:
        if condition.type == kind:
            return bool(condition.status == "True")
    return False
