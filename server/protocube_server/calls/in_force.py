"""Writes of objects that the server itself goes by are in force on it when they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.calls.chain import Handler
    from protocube_server.calls.verb import Verb
    from protocube_server.kinds.kind import Kind


class Follower(Protocol):
    """Keeps objects of some kinds as the store is."""

    def follows(self, kind: Kind) -> bool:
        """Tell whether objects of a kind are among them."""
        ...

    async def look(self, kind: Kind, namespace: str, name: str) -> None:
        """Take in what was written just now: one object, or without a name any number of them."""
        ...


class InForce:
    """A stage in which followers look at what was written, before that is answered."""

    def __init__(self, *followers: Follower) -> None:
        self._followers = followers

    def compile(self, kind: Kind, verb: Verb, following: Handler) -> Handler:
        """See :class:`~protocube_server.calls.chain.Stage`."""
        followers = [each for each in self._followers if each.follows(kind)]
        if not (verb.writes and followers):
            return following

        async def handle(call: Call) -> Any:
            answer = await following(call)
            if not call.request.dry_run:
                # A generated name is in the request by now.
                carried = getattr(call.request, "object", None)
                name = call.target.name or (carried.metadata.name if carried is not None else "")
                for each in followers:
                    await each.look(kind, call.target.namespace, name)
            return answer

        return handle
