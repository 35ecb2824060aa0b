"""Cells of role bindings: who gets which role."""

from __future__ import annotations

from typing import Any


def role(binding: Any, _now: float) -> str:
    """Return the role as ``Kind/name``."""
    return f"{binding.role_ref.kind}/{binding.role_ref.name}"


def users(binding: Any, _now: float) -> str:
    """Return the users that get the role."""
    return ", ".join(one.name for one in binding.subjects if one.kind == "User")


def groups(binding: Any, _now: float) -> str:
    """Return the groups that get the role."""
    return ", ".join(one.name for one in binding.subjects if one.kind == "Group")


def service_accounts(binding: Any, _now: float) -> str:
    """Return the service accounts that get the role, as ``namespace/name``."""
    accounts = (one for one in binding.subjects if one.kind == "ServiceAccount")
    return ", ".join(f"{one.namespace}/{one.name}" for one in accounts)
