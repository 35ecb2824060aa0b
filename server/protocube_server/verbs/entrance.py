"""The one way in for calls, from the wire and from inside this process."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.calls import chain
from protocube_server.calls.call import Call
from protocube_server.calls.user import SYSTEM
from protocube_server.verbs import methods

if TYPE_CHECKING:
    from protocube_server.calls.chain import Handler, Stages
    from protocube_server.calls.user import User
    from protocube_server.calls.verb import Verb
    from protocube_server.kinds.edition import Edition
    from protocube_server.kinds.kind import Kind
    from protocube_server.verbs.api import Api


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A method of one kind in one edition, its stages compiled."""

    edition: Edition
    kind: Kind
    verb: Verb
    handler: Handler

    def call(self, user: User, raw: bytes) -> Call:
        """Return a call of this method, to be given to :attr:`handler`."""
        return Call(user=user, edition=self.edition, kind=self.kind, verb=self.verb, raw=raw)


class Entrance:
    """The doors of an API's current edition. Each is compiled when it is first asked for."""

    def __init__(self, api: Api, stages: Stages) -> None:
        self._api = api
        self._stages = stages
        self._edition = api.editions.current
        self._doors: dict[tuple[str, str], Door] = {}

    def door(self, service: str, method: str) -> Door | None:
        """Return the door of a service's method, ``None`` when no kind has such a method."""
        edition = self._api.editions.current
        if edition is not self._edition:
            self._edition, self._doors = edition, {}
        known = self._doors.get((service, method))
        if known is None:
            known = self._open(edition, service, method)
            if known is not None:
                self._doors[service, method] = known
        return known

    async def answer(self, service: str, method: str, raw: bytes, *, user: User = SYSTEM) -> bytes:
        """Make a unary call from inside this process, through the same stages as any other.

        Raises what the call raises, and ``errors.MethodNotSupported`` for a method that is
        none or that streams.
        """
        door = self.door(service, method)
        if door is None or door.verb.streams:
            raise errors.MethodNotSupported(f"{service} has no unary method {method}")
        answer: bytes = await door.handler(door.call(user, raw))
        return answer

    def _open(self, edition: Edition, service: str, method: str) -> Door | None:
        kind = edition.kinds.for_service(service)
        found = methods.METHODS.get(method)
        if kind is None or found is None or method not in kind.resource.methods:
            return None
        run: Any = functools.partial(found.run, self._api)
        handler = chain.compiled(
            kind,
            found.verb,
            run,
            on=self._stages,
            request_limit=self._api.limits.request,
        )
        return Door(edition=edition, kind=kind, verb=found.verb, handler=handler)
