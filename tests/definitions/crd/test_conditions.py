"""What the status of a definition says."""

from __future__ import annotations

from datetime import UTC, datetime

from protocube_server.definitions.door import State
from tests.definitions.crd.making import DOOR, definition

_NOW = datetime(2024, 1, 1, tzinfo=UTC)
_LATER = datetime(2024, 1, 2, tzinfo=UTC)


def test_tells_what_becomes_of_a_definition() -> None:
    """Served, then not, with the reason, then ending: each condition in Kubernetes' words."""
    message = definition({"schema": {"type": "object"}})
    DOOR.tell(message, State.SERVED, _NOW)
    DOOR.tell(message, State.SERVED, _LATER)
    told = {
        item.type: (item.status, item.reason, item.message) for item in message.status.conditions
    }
    assert told == {
        "NamesAccepted": ("True", "NoConflicts", "no conflicts found"),
        "Established": (
            "True",
            "InitialNamesAccepted",
            "the initial names have been accepted",
        ),
    }
    assert {item.last_transition_time.ToDatetime(UTC) for item in message.status.conditions} == {
        _NOW
    }
    assert message.status.accepted_names == message.spec.names
    assert list(message.status.stored_versions) == ["v1"]
    DOOR.tell(message, State.REFUSED, _LATER, why="webhooks convert nothing here")
    established = message.status.conditions[1]
    assert (established.status, established.message) == ("False", "webhooks convert nothing here")
    assert established.last_transition_time.ToDatetime(UTC) == _LATER
    DOOR.tell(message, State.TERMINATING, _LATER)
    assert message.status.conditions[2].reason == "InstanceDeletionInProgress"
