"""How a workload goes back to an earlier revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.manifests import encode
from protocube_client.cli import last_applied
from protocube_client.cli.commands.rollout import revisions
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.dry_run import DryRun

if TYPE_CHECKING:
    from protocube_client.cli.commands.rollout.revisions import Revision
    from protocube_client.cli.commands.rollout.undo import UndoOptions
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

_DONE = "rolled back"
_HASH = "pod-template-hash"
"""The label by which a controller tells the pods of its ReplicaSets apart."""
_SEVERAL = 2
# Annotations of a Deployment that are not of a revision.
_KEPT = frozenset(
    {
        last_applied.ANNOTATION,
        revisions.REVISION,
        "deployment.kubernetes.io/revision-history",
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to",
    }
)


async def undo(chosen: Chosen, options: UndoOptions, session: Session) -> str:
    """Bring a workload back and return what was done; with a dry run here, what would come back.

    Raises ``ApiError`` and :class:`CommandError`.
    """
    revisions.require_kind(chosen.resource, "rollbacker")
    number = options.to_revision
    if number < 0:
        raise _not_found(number)
    found = await revisions.of_workload(chosen, session)
    deployed = chosen.resource.kind == "Deployment"
    back = _chosen_revision(found, number, chosen)
    if options.dry_run is DryRun.CLIENT:
        return revisions.told(back.template)
    workload: Any = chosen.message
    if deployed and workload.spec.paused:
        raise CommandError(
            "you cannot rollback a paused deployment; resume it first with "
            "'cubectl rollout resume' and try again"
        )
    if _without_hash(workload.spec.template) == _without_hash(back.template):
        return f"skipped rollback (current template already matches revision {number})"
    try:
        await session.client.patch(
            chosen.resource.message_class,
            chosen.name,
            _operations(back, workload) if deployed else back.patch,
            type="json" if deployed else "strategic",
            namespace=chosen.namespace,
            dry_run=options.dry_run is DryRun.SERVER,
        )
    except errors.ApiError as error:
        raise CommandError(f"failed restoring revision {number}: {error}") from None
    return _DONE


def _chosen_revision(found: list[Revision], number: int, chosen: Chosen) -> Revision:
    """Return the revision ``number``, or with 0 the one before the last."""
    if number:
        for revision in found:
            if revision.number == number:
                return revision
        raise _not_found(number)
    if len(found) < _SEVERAL:
        if chosen.resource.kind == "Deployment":
            name = errors.quote(chosen.name)
            raise CommandError(f"no rollout history found for deployment {name}")
        raise CommandError("no last revision to roll back to")
    return found[-2]


def _operations(back: Revision, deployment: Any) -> list[dict[str, Any]]:
    """Return the JSON patch that gives a Deployment the template and annotations of ``back``."""
    present = dict(deployment.metadata.annotations)
    then: dict[str, str] = dict(back.printable.metadata.annotations)
    annotations = {key: value for key, value in present.items() if key in _KEPT}
    annotations |= {key: value for key, value in then.items() if key not in _KEPT}
    template = encode.data(_without_hash(back.template))
    return [
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "add", "path": "/metadata/annotations", "value": annotations},
    ]


def _without_hash(template: Any) -> Any:
    found = type(template)()
    found.CopyFrom(template)
    found.metadata.labels.pop(_HASH, None)
    return found


def _not_found(number: int) -> CommandError:
    return CommandError(f"unable to find specified revision {number} in history")
