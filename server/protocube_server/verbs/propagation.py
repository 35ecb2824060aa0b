"""What becomes of an object's dependents, and the finalizers that stand for it.

The collector (``upkeep.collector``) removes both: ``orphan`` once the dependents have lost their
references to the object, ``foregroundDeletion`` once none of them blocks its end any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.api.v1 import resource_pb2
from protocube.meta.v1 import requests_pb2
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"

_FINALIZERS: dict[requests_pb2.PropagationPolicy.ValueType, str] = {
    requests_pb2.PROPAGATION_POLICY_FOREGROUND: FOREGROUND,
    requests_pb2.PROPAGATION_POLICY_ORPHAN: ORPHAN,
}
_NAMES = ("Foreground", "Background", "Orphan", "nil")
_OPTIONS = "DeleteOptions.meta.k8s.io"


def require_known(policy: requests_pb2.PropagationPolicy.ValueType) -> None:
    """Raise ``errors.Invalid`` for a policy that is none."""
    if policy not in requests_pb2.PropagationPolicy.values():
        fault = violations.unsupported("propagationPolicy", str(policy), _NAMES)
        raise errors.invalid(_OPTIONS, "", [fault])


def settle(kind: Kind, message: Any, policy: requests_pb2.PropagationPolicy.ValueType) -> None:
    """Give an object that is being deleted the finalizer of a policy, and take the other's away.

    Without a policy it keeps the one that it has, and else gets that of its kind. A new one comes
    behind the others.
    """
    finalizers = list(message.metadata.finalizers)
    wanted = _wanted(kind, finalizers, policy)
    settled = [name for name in finalizers if name not in (FOREGROUND, ORPHAN)]
    if wanted:
        settled.append(wanted)
    # One that is there already keeps its place.
    if set(settled) != set(finalizers):
        message.metadata.finalizers[:] = settled


def _wanted(
    kind: Kind, finalizers: list[str], policy: requests_pb2.PropagationPolicy.ValueType
) -> str:
    default = kind.resource.options.dependents
    if default == resource_pb2.DEPENDENTS_NONE:
        return ""
    if policy != requests_pb2.PROPAGATION_POLICY_UNSPECIFIED:
        return _FINALIZERS.get(policy, "")
    for name in finalizers:
        if name in (FOREGROUND, ORPHAN):
            return name
    return ORPHAN if default == resource_pb2.DEPENDENTS_ORPHANED else ""
