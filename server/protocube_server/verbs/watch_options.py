"""Where a watch begins, and which of its options contradict each other, as in Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from protocube_server.kinds import violations
from protocube_server.verbs import list_options, versions
from protocube_server.verbs.list_options import MATCH, NOT_OLDER_THAN

if TYPE_CHECKING:
    from protocube.meta.v1 import requests_pb2

_NOT_OLDER_THAN = "NotOlderThan"
_EXACT = "Exact"


class Beginning(NamedTuple):
    """How a watch begins."""

    version: int
    """What follows it is told; 0 for the newest. Objects are not older than that."""
    with_objects: bool
    """Whether the present objects come first."""
    is_end_marked: bool
    """Whether a response says that all of them were sent."""


def beginning(request: requests_pb2.WatchRequest) -> Beginning:
    """Return how the watch of a request begins.

    Raises ``errors.Invalid`` for options that contradict each other, and ``errors.BadRequest``
    for a version that is none.
    """
    is_said = request.HasField("send_initial_events")
    _check_match(request.resource_version_match, is_said=is_said)
    version = versions.asked(request.resource_version)
    with_objects = request.send_initial_events if is_said else not version
    return Beginning(
        version=version,
        with_objects=with_objects,
        is_end_marked=request.send_initial_events and request.send_progress,
    )


def _check_match(match: int, *, is_said: bool) -> None:
    faults = []
    if is_said and match != NOT_OLDER_THAN:
        why = f"sendInitialEvents requires setting {MATCH} to {_NOT_OLDER_THAN}"
        faults.append(violations.forbidden(MATCH, why))
    if match and not is_said:
        why = f"{MATCH} is forbidden for watch unless sendInitialEvents is provided"
        faults.append(violations.forbidden(MATCH, why))
    if match and match != NOT_OLDER_THAN:
        faults.append(violations.unsupported(MATCH, _EXACT, [_NOT_OLDER_THAN]))
    list_options.refuse(faults)
