"""Who makes the call that the present task answers."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from protocube_server.calls.user import ADMIN

if TYPE_CHECKING:
    from protocube_server.calls.standing import Standing
    from protocube_server.calls.user import User

_user: ContextVar[User] = ContextVar("user")
"""It has no default: a method that nobody was let in to has no caller, and so no rights."""
_standing: ContextVar[Standing | None] = ContextVar("standing", default=None)


def enter(user: User, standing: Standing | None = None) -> None:
    """Say who calls, and of a stream what it rests on."""
    _user.set(user)
    if standing is not None:
        _standing.set(standing)


def enter_unasked(context: object, standing: Standing | None = None) -> None:
    """Let in everybody, as an administrator: the server asks nobody who they are."""
    del context, standing
    enter(ADMIN)


def user() -> User:
    """Return who calls. Raises ``LookupError`` when nobody was let in."""
    return _user.get()


def standing() -> Standing | None:
    """Return what the stream that is answered rests on; ``None`` where nothing is asked."""
    return _standing.get()
