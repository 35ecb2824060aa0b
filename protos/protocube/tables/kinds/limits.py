"""Cells of what bounds others: ResourceQuotas and PodDisruptionBudgets."""

from __future__ import annotations

from typing import Any

from protocube.tables.kinds import missing

_LIMITS = "limits."


def quota_requests(quota: Any, _now: float) -> str:
    """Return ``resource: used/most`` of everything but limits."""
    return _used(quota, limits=False)


def quota_limits(quota: Any, _now: float) -> str:
    """Return ``resource: used/most`` of limits."""
    return _used(quota, limits=True)


def min_available(budget: Any, _now: float) -> str:
    """Return how many pods must be left, as a number or a percentage."""
    return _int_or_string(budget.spec.min_available)


def max_unavailable(budget: Any, _now: float) -> str:
    """Return how many pods may be missing, as a number or a percentage."""
    return _int_or_string(budget.spec.max_unavailable)


def _used(quota: Any, *, limits: bool) -> str:
    hard, used = quota.status.hard, quota.status.used
    return ", ".join(
        f"{name}: {used.get(name, '0')}/{hard[name]}"
        for name in sorted(hard)
        if name.startswith(_LIMITS) == limits
    )


def _int_or_string(value: Any) -> str:
    match value.WhichOneof("kind"):
        case "number_value":
            return str(int(value.number_value))
        case "string_value":
            return str(value.string_value)
        case _:
            return missing.NOT_APPLICABLE
