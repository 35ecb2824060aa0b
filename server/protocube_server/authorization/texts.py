"""Refusals in Kubernetes' words (``responsewriters/errors.go``, ``rbac/validation``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube.quoting import quote
from protocube_server.authorization import covering, rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protocube_server.authorization.attributes import Attributes
    from protocube_server.authorization.rules import Rule
    from protocube_server.calls.user import User

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""Kubernetes' are safe to be shown by a browser."""
AGGREGATION = "must have cluster-admin privileges to use the aggregationRule"

TOO_MANY = "the caller does not have its rules as they are, and they have too many parts ({})"


def forbidden(user: User, asked: Attributes, reason: str = "") -> errors.Forbidden:
    """Return the refusal of what a user asks for. ``reason`` follows it."""
    if asked.path:
        text = f"User {quote(user.name)} cannot {asked.verb} path {quote(asked.path)}"
    else:
        where = f"in the namespace {quote(asked.namespace)}" if asked.namespace else None
        text = _cannot(user, asked) + f" {where or 'at the cluster scope'}"
    return _refusal(asked, text, reason)


def forbidden_everywhere(user: User, asked: Attributes) -> errors.Forbidden:
    """Return the refusal of a user who may not do this to any object in any namespace."""
    return _refusal(asked, f"{_cannot(user, asked)} in any namespace", "")


def escalation(user: User, missing: Iterable[Rule], unresolved: Sequence[str] = ()) -> str:
    """Return why a user may not give away rules. ``unresolved`` are roles that are not there."""
    lines = sorted({str(rule) for rule in covering.compacted(missing)})
    text = (
        f"user {quote(user.name)} (groups={rules.listed(user.groups)}) is attempting to grant "
        "RBAC permissions not currently held:\n" + "\n".join(lines)
    )
    return f"{text}; resolution errors: [{' '.join(unresolved)}]" if unresolved else text


def _cannot(user: User, asked: Attributes) -> str:
    return (
        f"User {quote(user.name)} cannot {asked.verb} resource {quote(asked.full_resource)} "
        f"in API group {quote(asked.group)}"
    )


def _refusal(asked: Attributes, text: str, reason: str) -> errors.Forbidden:
    told = text.translate(_ESCAPES) + (f": {reason}" if reason else "")
    if asked.path:
        return errors.Forbidden(f"forbidden: {told}")
    resource = f"{asked.resource}.{asked.group}" if asked.group else asked.resource
    if asked.name:
        return errors.forbidden(resource, asked.name, told)
    return errors.Forbidden(f"{resource} is forbidden: {told}", resource=resource)
