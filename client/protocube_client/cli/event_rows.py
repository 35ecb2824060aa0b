"""Events of the core group, as commands list them: their order, and how long ago they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables import ages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube.catalog import Resource
    from protocube_client.cli.known_kinds import KnownKinds


def resource(kinds: KnownKinds) -> Resource:
    """Return the kind of events that commands list."""
    return kinds.require("v1", "Event")


def in_order(events: Iterable[Any]) -> list[Any]:
    """Return events by the time of the last one that each stands for."""
    return sorted(events, key=_last)


def interval(event: Any, now: float) -> str:
    """Return how long ago an event was: ``5s``, or ``5s (x3 over 2m)`` of a repeated one."""
    first = event.event_time if event.HasField("event_time") else event.first_timestamp
    if event.HasField("series"):
        last, count = event.series.last_observed_time, event.series.count
    elif event.count > 1:
        last, count = event.last_timestamp, event.count
    else:
        return ages.since(first, now)
    return f"{ages.since(last, now)} (x{count} over {ages.since(first, now)})"


def _last(event: Any) -> tuple[int, int]:
    if event.HasField("series"):
        time = event.series.last_observed_time
    elif event.HasField("last_timestamp"):
        time = event.last_timestamp
    else:
        time = event.event_time
    return (time.seconds, time.nanos)
