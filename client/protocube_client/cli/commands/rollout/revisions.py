"""The revisions of a workload: a Deployment's ReplicaSets, another's ControllerRevisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.manifests import decode, encode
from protocube.patching import strategic
from protocube.tables import labels
from protocube_client.cli import owners
from protocube_client.cli.failures import CommandError
from protocube_client.printers.printable import Printable

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

REVISION = "deployment.kubernetes.io/revision"
"""The annotation of Deployments and ReplicaSets with their revision."""
CHANGE_CAUSE = "kubernetes.io/change-cause"
_KINDS = frozenset({"DaemonSet", "Deployment", "StatefulSet"})
# Kinds that have pods and no history.
_OTHERS = frozenset({"CronJob", "Job", "Pod", "ReplicaSet", "ReplicationController"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """How a workload once was."""

    number: int
    cause: str
    """Why it came about; empty when nobody said."""
    template: Any
    """Its pod template, a ``PodTemplateSpec``."""
    printable: Printable
    """The ReplicaSet, or the workload as it was."""
    patch: dict[str, Any]
    """The strategic merge patch that brings it back; empty for a Deployment."""


def require_kind(resource: Resource, what: str) -> None:
    """Raise :class:`CommandError` for a kind without revisions; ``what`` was looked for."""
    if resource.kind in _KINDS and resource.group == "apps":
        return
    if resource.kind in _OTHERS and resource.group in ("", "apps", "batch"):
        raise CommandError(f"no {what} has been implemented for {errors.quote(resource.kind)}")
    kind = errors.quote(resource.qualified_kind)
    raise CommandError(
        f"error retrieving {_RETRIEVED[what]} for {kind}, no visitor method exists for "
        f"{{{resource.group} {resource.kind}}}"
    )


_RETRIEVED = {"history viewer": "history", "rollbacker": "rollbacker"}


def told(template: Any) -> str:
    """Return a pod template as kubectl's history shows it: its tabs are not lined up."""
    from protocube_client.cli.describing import pod_template
    from protocube_client.cli.describing.page import Page

    page = Page()
    pod_template.write(page, template)
    return page.unaligned()


async def of_workload(chosen: Chosen, session: Session) -> list[Revision]:
    """Return the revisions of a workload, the oldest first. Raises ``ApiError``."""
    workload: Any = chosen.message
    deployed = chosen.resource.kind == "Deployment"
    listed = "ReplicaSet" if deployed else "ControllerRevision"
    resource = session.kinds.require("apps/v1", listed)
    listing: Any = await session.client.list(
        resource.message_class,
        namespace=chosen.namespace,
        label_selector=labels.query(labels.selector(workload.spec.selector)),
    )
    uid = workload.metadata.uid
    owned = [item for item in listing if owners.is_controlled_by(item.metadata, uid)]
    found = [
        revision
        for item in owned
        if (revision := _of_set(item, resource) if deployed else _of_patch(item, chosen))
    ]
    return sorted(found, key=lambda revision: revision.number)


def _of_set(replica_set: Any, resource: Resource) -> Revision | None:
    """Return the revision that a ReplicaSet is of; ``None`` when its number cannot be read."""
    annotations = replica_set.metadata.annotations
    try:
        number = int(annotations.get(REVISION, "0"))
    except ValueError:
        return None
    return Revision(
        number=number,
        cause=annotations.get(CHANGE_CAUSE, ""),
        template=replica_set.spec.template,
        printable=Printable(resource=resource, message=replica_set),
        patch={},
    )


def _of_patch(stored: Any, chosen: Chosen) -> Revision:
    """Return the revision that a ControllerRevision keeps as a patch of its workload."""
    patch = encode.data(stored).get("data") or {}
    then = strategic.apply(chosen.data(), patch, chosen.resource.message_class)
    workload: Any = chosen.resource.message_class()
    decode.decode(then, workload)
    return Revision(
        number=stored.revision,
        cause=stored.metadata.annotations.get(CHANGE_CAUSE, ""),
        template=workload.spec.template,
        printable=Printable(resource=chosen.resource, message=chosen.message, given=then),
        patch=patch,
    )
