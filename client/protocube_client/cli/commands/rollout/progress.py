"""How far the rollout of a workload is, by its status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube_client.cli.commands.rollout.revisions import REVISION
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from protocube.catalog import Resource

_ROLLING = "RollingUpdate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is told of a rollout."""

    text: str
    done: bool = False


Look = Callable[[Any, int], Progress]
"""Returns how far a workload is, which must be at a revision unless that is 0. Raises
``CommandError`` for a rollout that cannot be done."""


def of_kind(resource: Resource) -> Look:
    """Return what looks at workloads of a kind. Raises :class:`CommandError` for other kinds."""
    look = _LOOKS.get(resource.kind) if resource.group == "apps" else None
    if look is None:
        raise CommandError(f"no status viewer has been implemented for {resource.qualified_kind}")
    return look


def _of_deployment(deployment: Any, revision: int) -> Progress:
    name, spec, status = quote(deployment.metadata.name), deployment.spec, deployment.status
    if revision:
        _require_revision(deployment, revision)
    if deployment.metadata.generation > status.observed_generation:
        return Progress(text="Waiting for deployment spec update to be observed...")
    for condition in status.conditions:
        if condition.type == "Progressing" and condition.reason == "ProgressDeadlineExceeded":
            raise CommandError(f"deployment {name} exceeded its progress deadline")
    wanted, updated = spec.replicas, status.updated_replicas
    waiting = ""
    if updated < wanted:
        waiting = f"{updated} out of {wanted} new replicas have been updated..."
    elif status.replicas > updated:
        waiting = f"{status.replicas - updated} old replicas are pending termination..."
    elif status.available_replicas < updated:
        waiting = f"{status.available_replicas} of {updated} updated replicas are available..."
    if waiting:
        return Progress(text=f"Waiting for deployment {name} rollout to finish: {waiting}")
    return Progress(text=f"deployment {name} successfully rolled out", done=True)


def _require_revision(deployment: Any, revision: int) -> None:
    text = deployment.metadata.annotations.get(REVISION, "0")
    try:
        found = int(text)
    except ValueError:
        name = quote(deployment.metadata.name)
        raise CommandError(
            f"cannot get the revision of deployment {name}: "
            f"strconv.ParseInt: parsing {quote(text)}: invalid syntax"
        ) from None
    if found != revision:
        raise CommandError(
            f"desired revision ({revision}) is different from the running revision ({found})"
        )


def _of_daemon_set(daemon: Any, _: int) -> Progress:
    _require_rolling(daemon)
    status = daemon.status
    if daemon.metadata.generation > status.observed_generation:
        return Progress(text="Waiting for daemon set spec update to be observed...")
    name, wanted = quote(daemon.metadata.name), status.desired_number_scheduled
    updated, available = status.updated_number_scheduled, status.number_available
    waiting = ""
    if updated < wanted:
        waiting = f"{updated} out of {wanted} new pods have been updated..."
    elif available < wanted:
        waiting = f"{available} of {wanted} updated pods are available..."
    if waiting:
        return Progress(text=f"Waiting for daemon set {name} rollout to finish: {waiting}")
    return Progress(text=f"daemon set {name} successfully rolled out", done=True)


def _of_stateful_set(stateful: Any, _: int) -> Progress:
    _require_rolling(stateful)
    spec, status = stateful.spec, stateful.status
    observed = status.observed_generation
    if not observed or stateful.metadata.generation > observed:
        return Progress(text="Waiting for statefulset spec update to be observed...")
    if status.ready_replicas < spec.replicas:
        left = spec.replicas - status.ready_replicas
        return Progress(text=f"Waiting for {left} pods to be ready...")
    updated = status.updated_replicas
    if spec.update_strategy.HasField("rolling_update"):
        wanted = spec.replicas - spec.update_strategy.rolling_update.partition
        if updated < wanted:
            told = f"{updated} out of {wanted} new pods have been updated..."
            return Progress(text=f"Waiting for partitioned roll out to finish: {told}")
        told = f"{updated} new pods have been updated..."
        return Progress(text=f"partitioned roll out complete: {told}", done=True)
    if status.update_revision != status.current_revision:
        told = f"{updated} pods at revision {status.update_revision}..."
        return Progress(text=f"waiting for statefulset rolling update to complete {told}")
    told = f"{status.current_replicas} pods at revision {status.current_revision}..."
    return Progress(text=f"statefulset rolling update complete {told}", done=True)


def _require_rolling(workload: Any) -> None:
    if workload.spec.update_strategy.type != _ROLLING:
        raise CommandError(f"rollout status is only available for {_ROLLING} strategy type")


_LOOKS: dict[str, Look] = {
    "DaemonSet": _of_daemon_set,
    "Deployment": _of_deployment,
    "StatefulSet": _of_stateful_set,
}
