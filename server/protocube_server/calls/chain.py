"""The stages of a call, in their order, compiled once for each kind and verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from protocube import errors
from protocube_server import turns
from protocube_server.kinds import encoded

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.calls.verb import Verb
    from protocube_server.kinds.kind import Kind

Handler = Callable[["Call"], Any]
"""Takes a call to its end: an awaitable of the answer, or for a verb that streams an
asynchronous generator of responses."""


class Stage(Protocol):
    """One thing that happens to calls before, or around, what their verb does."""

    def compile(self, kind: Kind, verb: Verb, following: Handler) -> Handler:
        """Return a handler that does this stage's part and goes on with ``following``.

        A stage that has nothing to do for this kind and verb returns ``following``: it
        then costs their calls nothing.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """The stages that a server has switched on; ``None`` is off."""

    observed: Stage | None = None
    """Counts and times the call, whatever becomes of it."""
    limited_by_connection: Stage | None = None
    """Holds a connection to its share, before it is known who calls."""
    authenticated: Stage | None = None
    """Finds out who calls, where whoever makes the call has not: the edge has, because it has to
    for methods that are no kind's, too."""
    audited: Stage | None = None
    """Writes down what is asked and what becomes of it, refusals included."""
    limited_by_user: Stage | None = None
    """Holds a user to a share."""
    known: Stage | None = None
    """Refuses a user who has no rule for this kind and verb at all, before the request is
    parsed: that costs more than the question."""
    authorized: Stage | None = None
    """Refuses a user who may not do this to the target."""
    in_force: Stage | None = None
    """Lets what was written be in force on this server before it is answered."""


def in_order(on: Stages, request_limit: int) -> tuple[Stage | None, ...]:
    """Return all stages in the order in which a call meets them; the verb comes behind them.

    Admission is none of them: it needs the object as it will be stored, so the verbs ask
    for it at their two points (:mod:`protocube_server.calls.admission`).
    """
    return (
        on.observed,
        on.limited_by_connection,
        on.authenticated,
        on.audited,
        on.limited_by_user,
        on.known,
        FindTarget(request_limit),
        on.authorized,
        on.in_force,
    )


def compiled(kind: Kind, verb: Verb, run: Handler, *, on: Stages, request_limit: int) -> Handler:
    """Return the handler of one kind and verb; ``run`` is what the verb does."""
    handler = run
    for stage in reversed(in_order(on, request_limit)):
        if stage is not None:
            handler = stage.compile(kind, verb, handler)
    return handler


@dataclass(frozen=True, slots=True)
class FindTarget:
    """Bounds the request, parses it, and finds what it is for."""

    request_limit: int
    """Bytes."""

    def compile(self, kind: Kind, verb: Verb, following: Handler) -> Handler:
        """See :class:`Stage`. Most calls pass it without a coroutine: it costs them one call."""
        limit = self.request_limit
        most = kind.resource.options.most_elements or encoded.MOST
        parse, target, streams = verb.parser(kind), verb.target(kind), verb.streams

        async def counted(call: Call) -> Any:
            await turns.taken(encoded.bounded(parse.message_class, call.raw, most))
            call.request = request = parse(call.raw)
            call.target = target(request)
            return await following(call)

        def handle(call: Call) -> Any:
            size = len(call.raw)
            if size > limit:
                # Kubernetes' words.
                raise errors.TooLarge(f"Request entity too large: limit is {limit}")
            if call.request is not None:
                return following(call)  # One of many in a stream, which had to look at it.
            # Requests that begin a stream hold no object, and are parsed at once.
            if size > encoded.SMALL and not streams:
                return counted(call)
            call.request = request = parse(call.raw)
            call.target = target(request)
            return following(call)

        return handle
