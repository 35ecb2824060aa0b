"""Who makes the call that the present task answers."""

from __future__ import annotations

from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from protocube_server import flows
from protocube_server.audit.entering import Caller
from protocube_server.calls.user import ADMIN

if TYPE_CHECKING:
    import grpc

    from protocube_server.calls.call import Call
    from protocube_server.calls.standing import Standing
    from protocube_server.calls.user import User

NOWHERE: Final = Caller(peer="", agent="")
"""For a call of which it is not known where it comes from."""

_user: ContextVar[User] = ContextVar("user")
"""It has no default: a method that nobody was let in to has no caller, and so no rights."""
_behind: ContextVar[User | None] = ContextVar("behind", default=None)
_standing: ContextVar[Standing | None] = ContextVar("standing", default=None)


def enter(user: User, standing: Standing | None = None, *, behind: User | None = None) -> None:
    """Say who calls, of a stream what it rests on, and ``behind`` it who acts as the user.

    From here on calls share by their user.
    """
    _user.set(user)
    _behind.set(behind)
    flows.enter(("user", user.name))
    if standing is not None:
        _standing.set(standing)


def enter_unasked(context: object, standing: Standing | None = None) -> None:
    """Let in everybody, as an administrator: the server asks nobody who they are.

    Calls go on sharing by their connection.
    """
    del context
    _user.set(ADMIN)
    if standing is not None:
        _standing.set(standing)


def user() -> User:
    """Return who calls. Raises ``LookupError`` when nobody was let in."""
    return _user.get()


def behind() -> User | None:
    """Return who acts as :func:`user`; ``None`` where nobody does."""
    return _behind.get()


def agent(context: grpc.aio.ServicerContext[Any, Any]) -> str:
    """Return the program that calls, as it names itself; empty when it does not."""
    for key, value in context.invocation_metadata() or ():
        if key == "user-agent":
            return str(value)
    return ""


def caller(context: grpc.aio.ServicerContext[Any, Any]) -> Caller:
    """Return where a call comes from, for the audit record."""
    return Caller(peer=context.peer(), agent=agent(context))


def complete(context: grpc.aio.ServicerContext[Any, Any], call: Call) -> None:
    """Let a call know what is to be told of it beside its user."""
    call.behind = behind()
    call.agent, call.peer = partial(agent, context), context.peer


def standing() -> Standing | None:
    """Return what the stream that is answered rests on; ``None`` where nothing is asked."""
    return _standing.get()
