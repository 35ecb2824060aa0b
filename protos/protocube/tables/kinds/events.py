"""Cells of events, which two groups serve: ``v1`` and ``events.k8s.io`` name fields apart."""

from __future__ import annotations

from typing import Any

from protocube.tables import ages


def first_seen(event: Any, now: float) -> str:
    """Return when it happened first."""
    return ages.since(_first_time(event), now)


def last_seen(event: Any, now: float) -> str:
    """Return when it happened last."""
    if event.HasField("series"):
        return ages.since(event.series.last_observed_time, now)
    name = _name(event, "last_timestamp", "deprecated_last_timestamp")
    return ages.since(getattr(event, name) if event.HasField(name) else _first_time(event), now)


def count(event: Any, _now: float) -> str:
    """Return how often it happened. An event that stands alone carries no count."""
    if event.HasField("series"):
        return str(event.series.count)
    return str(_field(event, "count", "deprecated_count") or 1)


def about(event: Any, _now: float) -> str:
    """Return what it is about, as ``kind/name``."""
    found = _field(event, "involved_object", "regarding")
    kind = found.kind.lower()
    return f"{kind}/{found.name}" if found.name else str(kind)


def part(event: Any, _now: float) -> str:
    """Return the part of the object that it is about; most are about the whole."""
    return str(_field(event, "involved_object", "regarding").field_path)


def source(event: Any, _now: float) -> str:
    """Return who reports it and from where; the newer fields stand in for the older."""
    given = _field(event, "source", "deprecated_source")
    component = given.component or _field(event, "reporting_component", "reporting_controller")
    return ", ".join(filter(None, (component, given.host or event.reporting_instance)))


def kind(event: Any, _now: float) -> str:
    """Return how grave it is, or nothing."""
    return str(event.type)


def reason(event: Any, _now: float) -> str:
    """Return the word on what happened, or nothing."""
    return str(event.reason)


def message(event: Any, _now: float) -> str:
    """Return what happened."""
    return str(_field(event, "message", "note").strip())


def _first_time(event: Any) -> Any:
    name = _name(event, "first_timestamp", "deprecated_first_timestamp")
    return getattr(event, name) if event.HasField(name) else event.event_time


def _field(event: Any, core: str, events: str) -> Any:
    return getattr(event, _name(event, core, events))


def _name(event: Any, core: str, events: str) -> str:
    """Return the name that the event's group has for a field."""
    return core if core in event.DESCRIPTOR.fields_by_name else events
