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

    from protocube_server.authentication.identity import Identity
    from protocube_server.calls.call import Call
    from protocube_server.calls.standing import Standing
    from protocube_server.calls.user import User
    from protocube_server.edge.impersonation import Entries
    from protocube_server.flows import Flow

NOWHERE: Final = Caller(peer="", agent="")
"""For a call of which it is not known where it comes from."""


# Not a dataclass: one is made for every call, and few calls have more than a credential.
class Arrival:
    """One call as it arrives: what it shows, and who turns out to make it."""

    flow: Flow = None
    """What it shares by from the start; ``None`` for its connection."""
    credential: str | None = None
    """The entry ``authorization`` of its metadata; ``None`` when there is none."""
    other: Entries | None = None
    """The entries of its metadata that say whom the caller wants to be."""
    is_strange: bool = False
    """Whether what it shows, or that it shows nothing, tells at once that nobody is known by it."""
    identity: Identity | None = None
    """Whom the credential proves, where that is known at once."""
    user: User | None = None
    """Who calls. As long as nobody was let in there is none, and so no rights."""
    behind: User | None = None
    """Who acts as :attr:`user`; ``None`` where nobody does."""
    standing: Standing | None = None
    """What the stream rests on; ``None`` where nothing is asked."""


_UNASKED: Final = Arrival()
"""Every unary call of a server that asks nobody who they are."""
_UNASKED.user = ADMIN

# One variable for all that is known of a call: each that is set costs every call as much as a
# dozen assignments.
_present: ContextVar[Arrival] = ContextVar("arrival")


arrive: Final = _present.set
"""Notes what is known of the call that the present task answers."""
present: Final = _present.get
"""Returns what is known of the call that the present task answers."""


def enter(
    arrival: Arrival, user: User, standing: Standing | None = None, *, behind: User | None = None
) -> None:
    """Say who calls, of a stream what it rests on, and ``behind`` it who acts as the user.

    From here on calls share by their user.
    """
    arrival.user, arrival.behind = user, behind
    flow = flows.of_user(user.name)
    if flow != arrival.flow:
        flows.enter(flow)
    if standing is not None:
        arrival.standing = standing


def enter_unasked(context: object, standing: Standing | None = None) -> None:
    """Let in everybody, as an administrator: the server asks nobody who they are.

    Calls go on sharing by their connection.
    """
    del context
    arrival = _UNASKED
    if standing is not None:
        arrival = Arrival()
        arrival.user, arrival.standing = ADMIN, standing
    _present.set(arrival)


def user() -> User:
    """Return who calls. Raises ``LookupError`` when nobody was let in."""
    found = _present.get().user
    if found is None:
        raise LookupError("nobody was let in")
    return found


def behind() -> User | None:
    """Return who acts as :func:`user`; ``None`` where nobody does."""
    return _present.get().behind


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
    return _present.get().standing
