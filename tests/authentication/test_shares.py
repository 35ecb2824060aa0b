"""Callers share by who they are, however many connections each of them has."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import grpc.aio
import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server import flows
from protocube_server.authentication.authenticator import Authenticator
from protocube_server.authentication.certificates import Certificates
from protocube_server.authentication.tokens import Tokens
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import User
from protocube_server.edge.access import Access
from protocube_server.edge.gate import CallLimits
from protocube_server.serving import serving
from protocube_server.storage.sqlite import SqliteStore
from tests import bare_server
from tests.server.caller import OWN, Caller, rebuilt

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from protocube_server.calls.call import Call
    from protocube_server.calls.chain import Handler
    from protocube_server.calls.verb import Verb
    from protocube_server.flows import Flow
    from protocube_server.kinds.kind import Kind
    from protocube_server.verbs.api import Api

CHECK = "/grpc.health.v1.Health/Check"
HEALTH = "/grpc.health.v1.Health/Watch"
WATCH = "/protocube.core.v1.Namespaces/Watch"
LIST = "/protocube.core.v1.Namespaces/List"
TOKENS = {name: User(name=name) for name in ("alice", "bob")}


class Held:
    """A stage in which calls stay until they are let go; it notes what each shares by."""

    def __init__(self) -> None:
        self.flows: list[Flow] = []
        self.goes = asyncio.Event()
        self.arrived = asyncio.Condition()

    def compile(self, kind: Kind, verb: Verb, following: Handler) -> Handler:
        """See ``chain.Stage``."""
        del kind, verb

        async def handle(call: Call) -> Any:
            self.flows.append(flows.current())
            async with self.arrived:
                self.arrived.notify_all()
            await self.goes.wait()
            return await following(call)

        return handle

    async def have(self, count: int) -> None:
        """Wait until so many calls have come."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.flows) >= count)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Api, None]:
    """Provide an API over an empty store."""
    store = await SqliteStore.open(tmp_path / "store.db")
    yield await bare_server.api_over(store)
    await store.close()


async def _list(address: str, stack: AsyncExitStack, token: str = "") -> asyncio.Task[Any]:
    """List by a connection of its own."""
    caller = await stack.enter_async_context(Caller(address, Catalog.shipped(), OWN))
    metadata = [("authorization", f"Bearer {token}")] if token else []
    return asyncio.create_task(caller.send(LIST, b"", metadata=metadata))


async def test_a_user_with_many_connections_leaves_room_for_others(api: Api) -> None:
    """At the limit a user that has all of it gets no more, and another one gets in."""
    held = Held()
    async with (
        serving(
            api,
            listen="127.0.0.1:0",
            store="sqlite",
            stages=Stages(observed=held),
            access=Access(Authenticator(tokens=Tokens(TOKENS))),
            limits=CallLimits(calls=4),
            grace=0.1,
        ) as server,
        AsyncExitStack() as stack,
        asyncio.timeout(20),
    ):
        calls = [await _list(server.address, stack, "alice") for _ in range(4)]
        await held.have(4)
        with pytest.raises(errors.TooManyRequests):
            await (await _list(server.address, stack, "alice"))
        calls.append(await _list(server.address, stack, "bob"))
        await held.have(5)
        held.goes.set()
        await asyncio.gather(*calls)
    alice, bob = ("user", "alice"), ("user", "bob")
    assert held.flows == [alice] * 4 + [bob]


@pytest.mark.parametrize("connections", [1, 4])
async def test_strangers_are_one_share(api: Api, connections: int) -> None:
    """They may watch the health of a server: however many credentials and connections they have."""
    async with (
        serving(
            api,
            listen="127.0.0.1:0",
            store="sqlite",
            access=Access(Authenticator(tokens=Tokens(TOKENS))),
            limits=CallLimits(streams=4),
            grace=0.1,
        ) as server,
        AsyncExitStack() as stack,
        asyncio.timeout(20),
    ):

        async def caller() -> Caller:
            return await stack.enter_async_context(Caller(server.address, Catalog.shipped(), OWN))

        callers = [await caller() for _ in range(connections)]
        # A stream is open as long as somebody holds it.
        opened = []
        for number in range(4):
            shown = [("authorization", f"Bearer made-up-{number}")]
            open_stream = callers[number % connections].channel.unary_stream(HEALTH)
            opened.append(open_stream(b"", metadata=shown))
            await opened[-1].read()
        watch = (await caller()).channel.unary_stream(WATCH)
        await watch(b"", metadata=[("authorization", "Bearer alice")]).read()
        assert not any(call.done() for call in opened)


@pytest.mark.parametrize("method", [CHECK, HEALTH])
async def test_strangers_who_send_nothing_are_calls_in_flight(api: Api, method: str) -> None:
    """So there are so many of them, and only for so long; who sends a request is answered."""

    async def never() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    async with (
        serving(
            api,
            listen="127.0.0.1:0",
            store="sqlite",
            access=Access(Authenticator(tokens=Tokens(TOKENS))),
            limits=CallLimits(calls=2, seconds=1.0),
            grace=0.1,
        ) as server,
        Caller(server.address, Catalog.shipped(), OWN) as stranger,
        Caller(server.address, Catalog.shipped(), OWN) as alice,
        asyncio.timeout(20),
    ):
        open_call = stranger.channel.stream_stream(method)
        calls = [open_call(never()) for _ in range(3)]
        ended = await asyncio.gather(*(call.read() for call in calls), return_exceptions=True)
        refused = [rebuilt(each) for each in ended if isinstance(each, grpc.aio.AioRpcError)]
        kinds = sorted(type(error).__name__ for error in refused)
        assert kinds == ["Timeout", "Timeout", "TooManyRequests"]
        assert (await stranger.send(CHECK, b"")).body
        assert (await alice.send(CHECK, b"", metadata=[("authorization", "Bearer alice")])).body


@pytest.mark.parametrize("listens", ["tokens", "certificates"])
def test_a_known_token_is_one_share_also_beside_certificates(listens: str) -> None:
    """Of a token that is known it is told at the door whose it is, whatever else may count."""
    certificates = Certificates() if listens == "certificates" else None
    access = Access(Authenticator(tokens=Tokens(TOKENS), certificates=certificates))
    for shown, owner in (("alice", ("user", "alice")), ("made-up", None)):
        arrival = access.arrived([("authorization", f"Bearer {shown}")])
        assert arrival.flow == owner


async def test_callers_that_nobody_asks_share_by_connection(api: Api) -> None:
    """All of them are one user, who would else be one flow."""
    held = Held()
    held.goes.set()
    async with (
        serving(
            api, listen="127.0.0.1:0", store="sqlite", stages=Stages(observed=held), grace=0.1
        ) as server,
        AsyncExitStack() as stack,
        asyncio.timeout(20),
    ):
        for _ in range(2):
            await (await _list(server.address, stack))
    assert len(set(held.flows)) == 2
