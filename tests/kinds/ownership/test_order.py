"""The order of owners in ``managedFields``."""

from __future__ import annotations

from protocube_server.kinds.ownership import entries, field_set
from protocube_server.kinds.ownership.entries import Entry, Operation, Owner


def _entry(manager: str, operation: Operation, time: int | None, version: str = "v1") -> Entry:
    owner = Owner(manager=manager, operation=operation, api_version=version)
    return Entry(owner=owner, fields=field_set.of({"f:a"}, {}), time=time)


def test_owners_are_ordered_by_operation_time_and_name() -> None:
    """As in Kubernetes; one without a time comes first, and who owns nothing is left out."""
    expected = [
        _entry("z", Operation.APPLY, 9),
        _entry("y", Operation.UPDATE, None),
        _entry("x", Operation.UPDATE, 1),
        _entry("a", Operation.UPDATE, 2, "v1"),
        _entry("a", Operation.UPDATE, 2, "v2"),
        _entry("b", Operation.UPDATE, 2),
    ]
    nothing = _entry("n", Operation.APPLY, 1).having(field_set.EMPTY)
    assert list(entries.ordered([nothing, *reversed(expected)])) == expected
