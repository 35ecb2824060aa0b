"""Cells of FlowSchemas and PriorityLevelConfigurations."""

from __future__ import annotations

from typing import Any

from protocube.tables.kinds import missing


def dangling(schema: Any, _now: float) -> str:
    """Tell whether the priority level is missing; ``?`` when that was not checked."""
    found = (one.status for one in schema.status.conditions if one.type == "Dangling")
    return next(found, "?")


def queues(level: Any, _now: float) -> str:
    """Return how many queues there are."""
    return _queuing(level, "queues")


def hand_size(level: Any, _now: float) -> str:
    """Return among how many queues a request may choose."""
    return _queuing(level, "hand_size")


def queue_length_limit(level: Any, _now: float) -> str:
    """Return how many requests may wait in a queue."""
    return _queuing(level, "queue_length_limit")


def _queuing(level: Any, field: str) -> str:
    response = level.spec.limited.limit_response
    return str(getattr(response.queuing, field)) if response.HasField("queuing") else missing.NONE
