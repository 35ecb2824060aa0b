"""Cells that say how many of something an object has."""

from __future__ import annotations

from typing import Any


def data(item: Any, _now: float) -> str:
    """Count the keys of a ConfigMap or Secret."""
    return str(len(item.data) + len(getattr(item, "binary_data", ())))


def secrets(item: Any, _now: float) -> str:
    """Count the secrets of a ServiceAccount."""
    return str(len(item.secrets))


def webhooks(item: Any, _now: float) -> str:
    """Count the webhooks of a configuration."""
    return str(len(item.webhooks))


def mutations(item: Any, _now: float) -> str:
    """Count the changes of an admission policy."""
    return str(len(item.spec.mutations))


def validations(item: Any, _now: float) -> str:
    """Count the rules of an admission policy."""
    return str(len(item.spec.validations))


def drivers(item: Any, _now: float) -> str:
    """Count the drivers of a CSINode."""
    return str(len(item.spec.drivers))
