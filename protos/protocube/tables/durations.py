"""Spans of time as people read them: ``45s``, ``3m12s``, ``5h``, ``2d3h``, ``1y20d``."""

from __future__ import annotations

# Each unit in the one below it.
_MINUTE, _HOUR, _DAY, _YEAR = 60, 60, 24, 365
# Up to so many of a unit, the rest is shown in the unit below it.
_FEW_MINUTES, _FEW_HOURS, _FEW_DAYS, _FEW_YEARS = 10, 8, 8, 8


def human(seconds: float) -> str:
    """Return ``seconds`` with two or three significant digits (Kubernetes' HumanDuration)."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 2 * _MINUTE:
        return f"{max(whole, 0)}s"
    minutes = whole // _MINUTE
    if minutes < _FEW_MINUTES:
        return f"{minutes}m{_rest(whole % _MINUTE, 's')}"
    if minutes < 3 * _HOUR:
        return f"{minutes}m"
    hours = minutes // _HOUR
    if hours < _FEW_HOURS:
        return f"{hours}h{_rest(minutes % _HOUR, 'm')}"
    if hours < 2 * _DAY:
        return f"{hours}h"
    days = hours // _DAY
    if days < _FEW_DAYS:
        return f"{days}d{_rest(hours % _DAY, 'h')}"
    if days < 2 * _YEAR:
        return f"{days}d"
    years = days // _YEAR
    if years < _FEW_YEARS:
        return f"{years}y{_rest(days % _YEAR, 'd')}"
    return f"{years}y"


def _rest(amount: int, unit: str) -> str:
    return f"{amount}{unit}" if amount else ""
