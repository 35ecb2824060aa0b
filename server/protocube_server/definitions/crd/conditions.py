"""What the status of a CustomResourceDefinition says, in Kubernetes' words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_server.definitions.door import State

if TYPE_CHECKING:
    from datetime import datetime

_SAID: Final = {
    State.SERVED: (
        ("NamesAccepted", "True", "NoConflicts", "no conflicts found"),
        (
            "Established",
            "True",
            "InitialNamesAccepted",
            "the initial names have been accepted",
        ),
    ),
    State.REFUSED: (("Established", "False", "NotAccepted", "the definition cannot be served"),),
    State.TERMINATING: (
        (
            "Terminating",
            "True",
            "InstanceDeletionInProgress",
            "CustomResource deletion is in progress",
        ),
    ),
}
"""By the state: type, status, reason and message of each condition."""


def tell(definition: Any, state: State, now: datetime, *, why: str = "") -> None:
    """Write the conditions of a state, and what is served of it."""
    status = definition.status
    for kind, value, reason, message in _SAID[state]:
        _set(status.conditions, kind, value, reason, why or message, now)
    if state is not State.SERVED:
        return
    status.accepted_names.CopyFrom(definition.spec.names)
    for version in definition.spec.versions:
        if version.storage and version.name not in status.stored_versions:
            status.stored_versions.append(version.name)


def _set(conditions: Any, kind: str, value: str, reason: str, message: str, now: datetime) -> None:
    known = next((item for item in conditions if item.type == kind), None)
    found = known if known is not None else conditions.add(type=kind)
    if found.status != value:
        found.last_transition_time.FromDatetime(now)
        found.last_transition_time.nanos = 0
    found.status, found.reason, found.message = value, reason, message
