"""What becomes of an object's dependents, and the finalizers that stand for it.

``foregroundDeletion`` and ``orphan`` are for a garbage collector to remove, and this server has
none. Dependents stay whatever the policy is, so nothing has to be waited for: a deletion
removes both, as Kubernetes does with the policy Background.
"""

from __future__ import annotations

from typing import Any

from protocube import errors
from protocube.meta.v1 import requests_pb2

_OF_COLLECTOR = frozenset({"foregroundDeletion", "orphan"})
_NO_COLLECTOR = (
    "propagation policy Foreground is not supported: this server has no garbage collector; "
    "use Background or Orphan"
)


def require_supported(policy: requests_pb2.PropagationPolicy.ValueType) -> None:
    """Raise ``errors.BadRequest`` for a policy that this server cannot carry out."""
    if policy == requests_pb2.PROPAGATION_POLICY_FOREGROUND:
        raise errors.BadRequest(_NO_COLLECTOR)


def settle(message: Any) -> None:
    """Remove a collector's finalizers from an object that is being deleted."""
    finalizers = message.metadata.finalizers
    kept = [name for name in finalizers if name not in _OF_COLLECTOR]
    if len(kept) < len(finalizers):
        finalizers[:] = kept
