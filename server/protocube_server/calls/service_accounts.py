"""What users are called that are service accounts: programs with an account in a namespace."""

from __future__ import annotations

from typing import Final

PREFIX: Final = "system:serviceaccount:"
"""What the name of every such user begins with."""

ALL: Final = "system:serviceaccounts"
"""The group of all of them."""

_PARTS: Final = 2


def user_name(namespace: str, name: str) -> str:
    """Return the name of the user that an account authenticates as."""
    return f"{PREFIX}{namespace}:{name}"


def groups(namespace: str) -> tuple[str, ...]:
    """Return the groups that the accounts of a namespace are in."""
    return (ALL, f"{ALL}:{namespace}")


def account(user: str) -> tuple[str, str] | None:
    """Return the namespace and the name of the account that a user is; ``None`` for another."""
    parts = user.removeprefix(PREFIX).split(":")
    if user.startswith(PREFIX) and len(parts) == _PARTS and all(parts):
        return parts[0], parts[1]
    return None
