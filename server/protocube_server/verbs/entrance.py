"""The one way in for calls, from the wire and from inside this process."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server import turns
from protocube_server.calls import chain
from protocube_server.calls.call import Call
from protocube_server.calls.user import SYSTEM
from protocube_server.verbs import defining, methods, requests, watch_many

Everything = Callable[["User", str, str, "Standing | None"], None]
"""Refuses a user who may not use a verb, by its word, for all kinds in a namespace."""

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.cache import Selection
    from protocube_server.calls.chain import Handler, Stages
    from protocube_server.calls.standing import Standing
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
    stages: Handler
    """The stages alone, for a call that was carried out before: a right may have gone since."""

    def call(self, user: User, raw: bytes) -> Call:
        """Return a call of this method, to be given to :attr:`handler`."""
        call = Call(user=user, edition=self.edition, kind=self.kind, verb=self.verb, raw=raw)
        call.warnings.extend(self.kind.notices)
        return call


async def _nothing(_: Call) -> bytes:
    return b""


def _again(api: Api, run: Handler) -> Handler:
    """Return a verb that begins again whenever the definition of its kind has changed."""

    async def handle(call: Call) -> Any:
        while True:
            try:
                return await run(call)
            except defining.Outdated:
                await defining.restarted(api, call)

    return handle


def _prepared(kind: Kind, run: Handler) -> Handler:
    """Return a verb that has its kind compiled first: other calls go on meanwhile."""

    async def first(call: Call) -> Any:
        await turns.taken(kind.preparing())
        return await run(call)

    def handle(call: Call) -> Any:
        return run(call) if kind.is_prepared else first(call)

    return handle


class Entrance:
    """The doors of an API's current edition. Each is compiled when it is first asked for."""

    def __init__(self, api: Api, stages: Stages, everything: Everything | None = None) -> None:
        """``everything`` is asked of a stream over all kinds, beside the stages of each."""
        self._everything = everything
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

    def watch_many(
        self,
        raw: bytes,
        *,
        user: User,
        standing: Standing | None = None,
        complete: Callable[[Call], None] | None = None,
    ) -> AsyncGenerator[bytes, None]:
        """Return the responses to a WatchManyRequest, once every kind's stages have passed it.

        Each kind is asked as for a watch of it alone. ``standing`` is that of the whole stream;
        ``complete`` lets the call of each kind know what else there is to know.
        """
        return self._many(raw, user, standing, complete)

    async def _many(
        self,
        raw: bytes,
        user: User,
        standing: Standing | None,
        complete: Callable[[Call], None] | None,
    ) -> AsyncGenerator[bytes, None]:
        api, edition = self._api, self._api.editions.current
        request = watch_many.parsed(raw, api.limits.request)
        selections: list[Selection] = []

        async def select(call: Call) -> AsyncGenerator[bytes, None]:
            only = call.request.metadata_only
            selections.append(requests.selection(call, metadata_only=only))
            return
            yield b""  # A watch streams, and this one has nothing to send.

        verb = methods.METHODS["Watch"].verb
        if not request.kinds and self._everything is not None:
            self._everything(user, verb.word, request.namespace, standing)
        for kind, part in watch_many.parts(edition.kinds, request):
            await defining.compiled(api, kind, edition.kinds)
            handler = chain.compiled(
                kind, verb, select, on=self._stages, request_limit=api.limits.request
            )
            call = Call(user=user, edition=edition, kind=kind, verb=verb, raw=part)
            call.standing = standing
            if complete is not None:
                complete(call)
            async with aclosing(handler(call)) as nothing:
                async for _ in nothing:
                    pass
        found = watch_many.responses(api, edition.kinds, request, selections)
        async with aclosing(found) as responses:
            async for response in responses:
                yield response

    def _open(self, edition: Edition, service: str, method: str) -> Door | None:
        kind = edition.kinds.for_service(service)
        found = methods.of_kind(kind, method) if kind is not None else None
        if kind is None or found is None:
            return None
        run: Any = functools.partial(found.run, self._api)
        if kind.defined is not None:
            run = (
                defining.while_defined(kind.defined, kind.resource.qualified, run)
                if found.verb.streams
                else _again(self._api, run)
            )
        elif found.verb.writes:
            run = _prepared(kind, run)
        compiled = functools.partial(
            chain.compiled,
            kind,
            found.verb,
            on=self._stages,
            request_limit=self._api.limits.request,
        )
        return Door(
            edition=edition,
            kind=kind,
            verb=found.verb,
            handler=compiled(run),
            stages=compiled(_nothing),
        )
