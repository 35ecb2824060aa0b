"""A caller whose name is proven, and how long the proof holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube_server.calls.user import AUTHENTICATED, UNAUTHENTICATED, User

if TYPE_CHECKING:
    from collections.abc import Callable

CREDENTIAL: Final = "authentication.kubernetes.io/credential-id"
"""The key of a user's ``extra`` under which the credential that was shown is named."""

ANONYMOUS: Final = User(name="system:anonymous", groups=(UNAUTHENTICATED,))
"""A caller without any credential, where such callers are let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A user, and whether the credential that was shown still proves it."""

    user: User
    is_valid: Callable[[], bool]


def always() -> bool:
    """Tell that a proof holds for ever."""
    return True


def known(user: User) -> User:
    """Return a user who is in the group of all whose name is proven."""
    if AUTHENTICATED in user.groups or UNAUTHENTICATED in user.groups:
        return user
    return replace(user, groups=(*user.groups, AUTHENTICATED))


def unauthorized() -> errors.Unauthenticated:
    """Return the refusal of a caller who is not known. Whatever the cause, it says no more."""
    return errors.Unauthenticated("Unauthorized")
