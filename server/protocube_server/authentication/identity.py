"""A caller whose name is proven, and how long the proof holds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube_server import flows
from protocube_server.calls.user import AUTHENTICATED, UNAUTHENTICATED, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube_server.flows import Flow

CREDENTIAL: Final = "authentication.kubernetes.io/credential-id"
"""The key of a user's ``extra`` under which the credential that was shown is named."""

EXPIRED: Final = "CredentialExpired"
"""The reason that is told of a credential that was right once."""

ANONYMOUS: Final = User(name="system:anonymous", groups=(UNAUTHENTICATED,))
"""A caller without any credential, where such callers are let in."""


def always() -> bool:
    """Tell that a proof holds for ever."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A user, and whether the credential that was shown still proves it."""

    user: User
    is_valid: Callable[[], bool]
    can_tell: Callable[[], bool] = always
    """Whether it can be told now: a credential is not valid, either, while it cannot."""
    ends: float | None = None
    """When the credential expires, in seconds since 1970; ``None`` for never."""
    what: str = "token"
    """What was shown."""
    flow: Flow = field(init=False, compare=False)
    """What all calls of the user share by."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "flow", flows.of_user(self.user.name))

    def refusal(self, now: float) -> errors.Unauthenticated:
        """Return the refusal of whoever shows it when it proves nothing any more."""
        expired = self.ends if self.ends is not None and now > self.ends else None
        return unauthorized(expired, what=self.what)


def known(user: User) -> User:
    """Return a user who is in the group of all whose name is proven."""
    if AUTHENTICATED in user.groups or UNAUTHENTICATED in user.groups:
        return user
    return replace(user, groups=(*user.groups, AUTHENTICATED))


def unauthorized(ended: float | None = None, *, what: str = "token") -> errors.Unauthenticated:
    """Return the refusal of a caller who is not known.

    Whatever the cause, it says no more, but for a credential that was right once: it ``ended`` at
    that time, in seconds since 1970, and whoever has it should know. ``what`` was shown.
    """
    if ended is None:
        return errors.Unauthenticated("Unauthorized")
    told = f"the {what} expired at {_shown(ended)}"
    cause = errors.Violation(field="", reason=EXPIRED, message=told)
    return errors.Unauthenticated("Unauthorized", violations=[cause])


def _shown(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return "a time out of range"
