"""Who calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MASTERS = "system:masters"
"""The group that may do everything, whatever the roles are."""
AUTHENTICATED = "system:authenticated"
"""The group of all whose names are proven."""
UNAUTHENTICATED = "system:unauthenticated"
"""The group of callers who showed nothing, where such are let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user as Kubernetes' authenticators describe one (``k8s.io/apiserver`` ``user.Info``)."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


SYSTEM = User(name="system:apiserver", groups=(MASTERS,))
"""The server itself: what it does without being asked by a caller."""

COLLECTOR = User(
    name="system:serviceaccount:kube-system:generic-garbage-collector", groups=(MASTERS,)
)
"""The server, when it deletes what has no owner any more; Kubernetes' name for that."""

AGGREGATION = User(
    name="system:serviceaccount:kube-system:clusterrole-aggregation-controller", groups=(MASTERS,)
)
"""The server, when it writes the rules of a role that takes them from others; Kubernetes' name."""

POLICY_STATUS = User(
    name="system:serviceaccount:kube-system:validatingadmissionpolicy-status-controller",
    groups=(MASTERS,),
)
"""The server, when it writes what the types of a policy's expressions say; Kubernetes' name."""

EXPIRY = User(name="system:expiry", groups=(MASTERS,))
"""The server, when it deletes what is kept no longer. In Kubernetes the store does that."""

PROTECTION = User(name="system:protection", groups=(MASTERS,))
"""The server, when it lets go what is being deleted and used no more."""

ADMIN = User(name="system:admin", groups=(MASTERS, AUTHENTICATED))
"""Every caller of a server that asks none of them who they are."""
