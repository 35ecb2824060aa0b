"""Conditions in a status, told apart by their types."""

from __future__ import annotations

from datetime import UTC, datetime

from protocube.core.v1.namespace_pb2 import NamespaceStatus
from protocube_server.kinds import conditions


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_the_first_of_one_type_counts() -> None:
    """Others stay as they are, also those of the same type."""
    status = NamespaceStatus()
    for number, name in enumerate("aba"):
        status.conditions.add(type=name, status="Unknown", message=str(number))
    conditions.settle(status, "a", conditions.TRUE, _at(5), reason="Said", message="now")
    assert [(item.status, item.message) for item in status.conditions] == [
        ("True", "now"),
        ("Unknown", "1"),
        ("Unknown", "2"),
    ]
    assert conditions.find(status, "a") == status.conditions[0]


def test_a_condition_has_the_time_of_its_last_change() -> None:
    """Saying the same again, for another reason, is none."""
    status = NamespaceStatus()
    for seconds, value in ((5, conditions.TRUE), (6, conditions.TRUE), (7, conditions.FALSE)):
        told = conditions.settle(status, "a", value, _at(seconds), reason=f"R{seconds}")
        assert told.reason == f"R{seconds}"
        assert told.last_transition_time.seconds == (7 if seconds == 7 else 5)
    assert len(status.conditions) == 1
    assert conditions.find(status, "b") is None
