"""What callers are told of their own rights, beyond what Kubernetes' reviews tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube_server import turns
from protocube_server.authorization import near_misses
from protocube_server.calls.user import MASTERS, UNAUTHENTICATED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.authorization.attributes import Attributes
    from protocube_server.authorization.authorizer import Authorizer
    from protocube_server.authorization.near_misses import NearMiss
    from protocube_server.authorization.rights import Decision, Rights
    from protocube_server.calls.user import User

_TURN: Final = 32
"""Decisions that are made between two marks."""


class OwnRights:
    """Explains decisions. Each method raises ``errors.Unavailable`` as decisions do."""

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    def decide(self, user: User, asked: Attributes) -> Decision | None:
        """Decide; ``None`` for those who may do everything, whatever the roles are."""
        return None if MASTERS in user.groups else self._authorizer.decide(user, asked)

    async def near_misses(self, user: User, asked: Attributes) -> list[NearMiss]:
        """Return the bindings of a user that come nearest to allowing what is refused."""
        if UNAUTHENTICATED in user.groups:
            return []  # Which roles there are is none of a stranger's business.
        every = near_misses.found(self._authorizer.rights, user, asked)
        return near_misses.nearest(await turns.taken(every))

    async def namespaces(self, user: User, asked: Attributes) -> list[str] | None:
        """Return the namespaces in which something is allowed, sorted; ``None`` for all of them.

        What is asked for a namespace by its name is asked of each namespace as well: it lies in
        itself.
        """
        decision = self.decide(user, asked._replace(namespace=""))
        if decision is None or decision.allowed:
            return None
        return await turns.taken(_allowed(self._authorizer.rights, user, asked))


def _allowed(rights: Rights, user: User, asked: Attributes) -> Iterator[str | None]:
    in_itself = asked.resource == "namespaces" and not asked.group and not asked.name
    for number, place in enumerate(sorted(rights.places_of(user))):
        if not number % _TURN:
            yield None
        name = place if in_itself else asked.name
        if rights.decide(user, asked._replace(namespace=place, name=name)).allowed:
            yield place
