"""Computed defaults of the kinds that say who may reach or do what, and of small ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.named.change import Change, UpdateRule
    from protocube_server.kinds.named.place import Computed, Place

_RBAC_GROUP = "rbac.authorization.k8s.io"


def _policy_types(place: Place) -> None:
    """A policy limits what comes in, and what goes out where it has rules for that."""
    if not place.message.policy_types:
        place.message.policy_types.append("Ingress")
        if place.message.egress:
            place.message.policy_types.append("Egress")


def _volume_lifecycle_modes(place: Place) -> None:
    """A driver that says nothing serves volumes with claims."""
    if not place.message.volume_lifecycle_modes:
        place.message.volume_lifecycle_modes.append("Persistent")


def _subject_api_group(place: Place) -> None:
    """Users and groups are RBAC's own kinds, accounts are not."""
    if not place.message.api_group and place.message.kind in ("User", "Group"):
        place.message.api_group = _RBAC_GROUP


def _names_alone(place: Place) -> None:
    """Of references to secrets of the account's own namespace only the names are kept."""
    for reference in getattr(place.message, place.field):
        name = reference.name
        reference.Clear()
        reference.name = name


def _empty_string(place: Place) -> None:
    """Set, and empty: Kubernetes shows it so."""
    if not place.message.HasField(place.field):
        setattr(place.message, place.field, "")


def _role_ref(change: Change) -> Iterator[errors.Violation]:
    """A binding keeps its role, so that its subjects never get another one unseen."""
    if change.old != change.new:
        yield violations.invalid(change.path, change.new, "cannot change roleRef")


UPDATES: dict[str, UpdateRule] = {"role_ref": _role_ref}

BY_NAME: dict[str, Computed] = {
    "empty_string": _empty_string,
    "names_alone": _names_alone,
    "policy_types": _policy_types,
    "subject_api_group": _subject_api_group,
    "volume_lifecycle_modes": _volume_lifecycle_modes,
}
