"""Whom a binding is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from protocube.quoting import quote
from protocube_server.calls import service_accounts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.calls.user import User


class Subject(NamedTuple):
    """A user or a group. A service account is the user that it authenticates as."""

    kind: str
    """``User`` or ``Group``."""
    name: str


def of_message(message: Any, namespace: str) -> Subject | None:
    """Return whom a ``Subject`` of a binding in a namespace is; ``None`` for nobody.

    ``namespace`` is empty for a ClusterRoleBinding; an account without a namespace is nobody there.
    """
    if message.kind in ("User", "Group"):
        return Subject(message.kind, message.name)
    home = message.namespace or namespace
    if message.kind == "ServiceAccount" and home:
        return Subject("User", service_accounts.user_name(home, message.name))
    return None


def of_user(user: User) -> Iterator[Subject]:
    """Yield what a user is in bindings."""
    yield Subject("User", user.name)
    for group in user.groups:
        yield Subject("Group", group)


def described(subject: Subject) -> str:
    """Return a subject as the reasons of decisions name it."""
    account = service_accounts.account(subject.name) if subject.kind == "User" else None
    if account is not None:
        namespace, name = account
        return f"ServiceAccount {quote(f'{name}/{namespace}')}"
    return f"{subject.kind} {quote(subject.name)}"
