"""Cells of what extends the API: admission policies and API services."""

from __future__ import annotations

from typing import Any

from protocube.tables import labels
from protocube.tables.kinds import missing


def param_kind(policy: Any, _now: float) -> str:
    """Return the kind of a policy's parameters as ``apiVersion/Kind``."""
    if not policy.spec.HasField("param_kind"):
        return missing.UNSET
    return f"{policy.spec.param_kind.api_version}/{policy.spec.param_kind.kind}"


def param(binding: Any, _now: float) -> str:
    """Return a policy's parameters as ``namespace/name``, or the selector of them.

    Whether their kind is cluster-scoped is not known here, so ``*`` stands for no namespace.
    """
    given = binding.spec.param_ref
    if given.name:
        return f"{given.namespace or '*'}/{given.name}"
    # kubectl prints Go's dump of the selector; its usual form says the same.
    return labels.selector(given.selector) if given.HasField("selector") else missing.UNSET


def target(api_service: Any, _now: float) -> str:
    """Return the service behind an APIService as ``namespace/name``."""
    if not api_service.spec.HasField("service"):
        return "Local"
    return f"{api_service.spec.service.namespace}/{api_service.spec.service.name}"


def available(api_service: Any, _now: float) -> str:
    """Tell whether an APIService can be used, and if not, why."""
    for condition in api_service.status.conditions:
        if condition.type == "Available":
            says_why = condition.status != "True" and condition.reason
            return f"{condition.status} ({condition.reason})" if says_why else condition.status
    return "Unknown"
