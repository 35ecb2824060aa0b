"""Nothing is read of what a caller sends who is not known for certain."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.authentication.authenticator import Authenticator
from protocube_server.authentication.tokens import Tokens
from protocube_server.calls.user import User
from protocube_server.storage.sqlite import SqliteStore
from tests import bare_server
from tests.authentication.identified import identifying
from tests.server.caller import Caller, rebuilt

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from protocube_server.verbs.api import Api

LIST = "/protocube.core.v1.ConfigMaps/List"
CREATE = "/protocube.core.v1.ConfigMaps/Create"
WATCH = "/protocube.core.v1.ConfigMaps/Watch"
UNKNOWN = "/example.v1.Things/Create"
HEALTH = "/grpc.health.v1.Health/Check"


@pytest.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Api, None]:
    """Provide an API over an empty store."""
    store = await SqliteStore.open(tmp_path / "store.db")
    yield await bare_server.api_over(store)
    await store.close()


async def _never() -> AsyncIterator[bytes]:
    """Yield the request that a caller never comes to send."""
    await asyncio.Event().wait()
    yield b""


async def answered(
    caller: Caller, method: str, *entries: tuple[str, str], seconds: float = 10.0
) -> Any:
    """Call a method without sending the request; return its error."""
    call = caller.channel.stream_stream(method)(_never(), metadata=entries, timeout=seconds)
    try:
        await call.read()
    except grpc.aio.AioRpcError as error:
        return rebuilt(error)
    finally:
        call.cancel()
    raise AssertionError("a call without a request is not answered")


async def test_a_stranger_is_refused_before_the_request_arrives(api: Api) -> None:
    """By whichever credential, or none, for every method; a known caller is waited for."""
    authenticator = Authenticator(tokens=Tokens({"t": User(name="alice")}))
    async with (
        identifying(api, authenticator) as server,
        Caller(server.address, Catalog.shipped()) as caller,
    ):
        for method in (CREATE, WATCH, UNKNOWN):
            for value in ("Bearer wrong", "Basic t", ""):
                entries = [("authorization", value)] if value else []
                refused = await answered(caller, method, *entries)
                assert isinstance(refused, errors.Unauthenticated), (method, value)
        waited = await answered(caller, CREATE, ("authorization", "Bearer t"), seconds=0.5)
        assert isinstance(waited, errors.Timeout)
        assert isinstance(await answered(caller, HEALTH, seconds=0.5), errors.Timeout)


@pytest.mark.parametrize("method", [LIST, WATCH])
async def test_a_credential_has_to_hold_when_the_request_arrives(api: Api, method: str) -> None:
    """Else a caller could begin calls, and make them when its credential proves nothing more."""
    tokens = Tokens({"t": User(name="alice")})
    shown = [("authorization", "Bearer t")]
    sends = asyncio.Event()

    async def later() -> AsyncIterator[bytes]:
        await sends.wait()
        yield b""

    async with (
        identifying(api, Authenticator(tokens=tokens)) as server,
        Caller(server.address, Catalog.shipped()) as caller,
        asyncio.timeout(20),
    ):
        call = caller.channel.stream_stream(method)(later(), metadata=shown)
        answer = asyncio.ensure_future(call.read())
        # It comes by the same connection, behind the other one.
        await caller.send(LIST, b"", metadata=shown)
        tokens.replace({})
        sends.set()
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await answer
        assert isinstance(rebuilt(refused.value), errors.Unauthenticated)


async def test_a_call_is_that_of_its_own_credential(api: Api) -> None:
    """What was found for one call is not found for the next one of the same connection."""
    authenticator = Authenticator(tokens=Tokens({"t": User(name="alice")}))
    body = b""
    async with (
        identifying(api, authenticator) as server,
        Caller(server.address, Catalog.shipped()) as caller,
    ):
        for _ in range(20):
            known = caller.send(LIST, body, metadata=[("authorization", "Bearer t")])
            unknown = caller.send(LIST, body)
            found = await asyncio.gather(known, unknown, return_exceptions=True)
            assert not isinstance(found[0], Exception)
            assert isinstance(found[1], errors.Unauthenticated)
