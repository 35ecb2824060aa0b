"""Who calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MASTERS = "system:masters"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user as Kubernetes' authenticators describe one (``k8s.io/apiserver`` ``user.Info``)."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


SYSTEM = User(name="system:apiserver", groups=(_MASTERS,))
"""The server itself: what it does without being asked by a caller."""

UNSECURED = User(name="system:unsecured", groups=(_MASTERS, "system:authenticated"))
"""Every caller of a server that authenticates none of them; Kubernetes' name for such."""
