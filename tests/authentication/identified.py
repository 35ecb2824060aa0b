"""A server in this process that asks who calls, and notes whom it has found."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from protocube_server.authentication.identity import Identity
from protocube_server.calls.chain import Stages
from protocube_server.edge.access import Access
from protocube_server.serving import serving

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable

    import grpc

    from protocube_server.authentication.authenticator import Authenticator
    from protocube_server.calls.call import Call
    from protocube_server.calls.chain import Handler
    from protocube_server.calls.user import User
    from protocube_server.calls.verb import Verb
    from protocube_server.kinds.kind import Kind
    from protocube_server.serving import Server
    from protocube_server.verbs.api import Api


def identified(found: Identity | Awaitable[Identity]) -> Identity:
    """Return an identity that was found at once."""
    assert isinstance(found, Identity)
    return found


async def proven(found: Identity | Awaitable[Identity]) -> Identity:
    """Return an identity, at once or when it is proven."""
    return found if isinstance(found, Identity) else await found


class Users:
    """A stage that notes who calls."""

    def __init__(self) -> None:
        self.seen: list[User] = []

    def compile(self, kind: Kind, verb: Verb, following: Handler) -> Handler:
        """See ``chain.Stage``."""
        del kind, verb

        def handle(call: Call) -> Any:
            self.seen.append(call.user)
            return following(call)

        return handle


@asynccontextmanager
async def identifying(
    api: Api,
    authenticator: Authenticator,
    users: Users | None = None,
    credentials: grpc.ServerCredentials | None = None,
) -> AsyncGenerator[Server, None]:
    """Serve an API to those whom ``authenticator`` knows; ``users`` notes them."""
    async with serving(
        api,
        listen="127.0.0.1:0",
        store="sqlite",
        credentials=credentials,
        stages=Stages(authorized=users),
        access=Access(authenticator),
        grace=0.1,
    ) as server:
        yield server
