"""The end of a server, and servers that get into each other's way."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import signal
import sqlite3
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.calls.shares import Concurrency
from tests import server_process
from tests.server.caller import OWN, Caller
from tests.server.gated import STREAM, gated

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from protocube_server.settings import Settings


async def test_a_watch_is_told_to_go_elsewhere(settings: Settings) -> None:
    """A stream ends with Unavailable and a delay, so that its client resumes, and at once."""
    grace = dataclasses.replace(settings, grace=60.0)
    async with (
        app.running(grace) as running,
        Caller(running.address, Catalog.shipped()) as api,
        aclosing(api.watch("cm")) as responses,
    ):
        await anext(responses)
        draining = asyncio.create_task(running.server.drain(60.0))
        with pytest.raises(errors.Unavailable, match="shutting down") as caught:
            await anext(responses)
        assert caught.value.retry_after == 1
        async with asyncio.timeout(10):
            await draining


@pytest.mark.parametrize("reads", [True, False], ids=["is-read", "is-not-read"])
async def test_a_busy_stream_is_told_to_go_elsewhere(*, reads: bool) -> None:
    """One that never waits for anything ends all the same, and says why; so does one not read."""
    sent = 0

    async def endless(_: bytes) -> AsyncGenerator[bytes, None]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 10_000

    async with gated(_echo, stream=endless) as served:
        call = served.caller.channel.unary_stream(STREAM, None, None)(b"")
        assert await call.read() == b"x" * 10_000
        async with asyncio.timeout(20):
            draining = asyncio.create_task(served.server.drain(15.0))
            if not reads:
                await _settled(lambda: sent)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await _read_on(call)
            await draining
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert caught.value.details() == "the server is shutting down"


async def test_a_busy_watch_can_be_resumed_at_once(settings: Settings) -> None:
    """A watch amid many events ends with what a client resumes by, and misses nothing of them."""
    grace = dataclasses.replace(settings, grace=60.0)
    seen: list[str] = []
    version = ""
    async with app.running(grace) as running, Caller(running.address, Catalog.shipped()) as api:
        async with aclosing(api.watch("cm")) as responses:
            version = (await anext(responses)).resource_version
            writing = asyncio.create_task(_write_until_told(api))
            for _ in range(3):
                version = _take(seen, await anext(responses))
            async with asyncio.timeout(20):
                draining = asyncio.create_task(running.server.drain(60.0))
                try:
                    while True:
                        version = _take(seen, await anext(responses))
                except errors.Unavailable as end:
                    assert (end.message, end.retry_after) == ("the server is shutting down", 1)  # noqa: PT017  # what came before it counts, too
                await draining
        made = await writing
    async with app.running(settings) as running, Caller(running.address, Catalog.shipped()) as api:
        watch = api.watch("cm", resource_version=version)
        async with asyncio.timeout(20), aclosing(watch) as responses:
            while len(seen) < len(made):
                version = _take(seen, await anext(responses))
    assert seen == made


async def _read_on(call: Any) -> None:
    while await call.read() != grpc.aio.EOF:
        pass


async def _echo(request: bytes) -> bytes:
    return request


async def _settled(value: Callable[[], int]) -> None:
    """Return when something has stayed the same for many turns: a writer waits for its reader."""
    same, before = 0, value()
    while same < 200:
        await asyncio.sleep(0)
        same, before = (same + 1 if value() == before else 0), value()


async def _write_until_told(api: Caller) -> list[str]:
    """Create objects one after the other until the server leaves; return their names."""
    made: list[str] = []
    for number in itertools.count():
        try:
            await api.create(api.make("cm", f"n-{number:05}"))
        except errors.Unavailable:
            return made
        made.append(f"n-{number:05}")
    raise AssertionError


def _take(seen: list[str], response: Any) -> str:
    """Note the names in a response, and return its version."""
    seen += [event.object.metadata.name for event in response.events]
    version: str = response.resource_version
    return version


async def test_a_call_in_flight_finishes(settings: Settings) -> None:
    """A create that waits for the disk is answered, while new calls are refused."""
    path = settings.store.removeprefix("sqlite:")
    async with app.running(settings) as running, Caller(running.address, Catalog.shipped()) as api:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            creating = asyncio.create_task(api.create(api.make("cm", "a")))
            while not running.server._gate.calls:  # noqa: ASYNC110  # no event tells of an arrival
                await asyncio.sleep(0)
            draining = asyncio.create_task(running.server.drain(20.0))
            assert await _refusal(running.address) is grpc.StatusCode.UNAVAILABLE
            assert not creating.done()
            other.execute("ROLLBACK")
        assert (await creating).metadata.name == "a"
        await draining


@pytest.mark.parametrize("connections", [1, 16])
async def test_calls_in_flight_at_sigterm_are_answered_or_told_why(
    tmp_path: Path, connections: int
) -> None:
    """No call ends as cancelled, which its caller did not do, or without the reason.

    Also those of callers that try again at once: then they find nobody there.
    """
    flags = ("--listen", "127.0.0.1:0", "--store", f"sqlite:{tmp_path}/store.db")
    async with server_process.started(*flags) as server, contextlib.AsyncExitStack() as stack:
        address = await server.ready()
        callers = [
            await stack.enter_async_context(Caller(address, Catalog.shipped(), OWN))
            for _ in range(connections)
        ]
        made: set[str] = set()
        begun = asyncio.Event()

        async def create(number: int) -> list[errors.ApiError]:
            ends: list[errors.ApiError] = []
            api = callers[number % connections]
            for count in itertools.count():
                name = f"of-{number}-{count}"
                try:
                    await api.create(api.make("cm", name))
                except errors.ApiError as error:
                    ends.append(error)
                    if "failed to connect" in error.message:
                        return ends
                    continue
                made.add(name)
                if len(made) >= 100:
                    begun.set()
            raise AssertionError

        creating = [asyncio.create_task(create(number)) for number in range(32)]
        await begun.wait()
        server.send(signal.SIGTERM)
        ends = await asyncio.gather(*creating)
        told = (errors.Unavailable, "the server is shutting down")
        for first, *others, last in ends:
            assert (type(first), first.message) == told
            assert all((type(end), end.message) == told for end in others)
            assert type(last) is errors.Unavailable
        assert await server.ended() == 0
    async with server_process.started(*flags) as server:
        async with Caller(await server.ready(), Catalog.shipped()) as api:
            there = {item.metadata.name for item in (await api.list("cm")).items}
        assert there == made
        server.send(signal.SIGTERM)
        assert await server.ended() == 0


async def test_calls_that_wait_for_a_seat_are_made_within_the_grace(settings: Settings) -> None:
    """They are in flight like those that have begun."""
    path = settings.store.removeprefix("sqlite:")
    # More than go on at a time.
    count = 2 * Concurrency().short
    async with app.running(settings) as running, Caller(running.address, Catalog.shipped()) as api:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            creating = await _creating(running, api, count)
            draining = asyncio.create_task(running.server.drain(20.0))
            await asyncio.sleep(0)
            other.execute("ROLLBACK")
        await draining
        await asyncio.wait(creating)
    async with app.running(settings) as running, Caller(running.address, Catalog.shipped()) as api:
        assert len((await api.list("cm")).items) == count


async def test_calls_that_wait_for_a_seat_beyond_the_grace_are_told(settings: Settings) -> None:
    """They end with the others, and say why."""
    path = settings.store.removeprefix("sqlite:")
    count = 2 * Concurrency().short
    async with app.running(settings) as running, Caller(running.address, Catalog.shipped()) as api:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            creating = await _creating(running, api, count)
            await running.server.drain(0.2)
            ends = await asyncio.gather(*creating, return_exceptions=True)
            other.execute("ROLLBACK")
    assert {type(end) for end in ends} == {errors.OutcomeUnknown}
    assert all("shutting down and waits no longer" in str(end) for end in ends)


async def _creating(running: app.App, api: Caller, count: int) -> list[asyncio.Task[Any]]:
    """Begin so many creates, and return when the server has all of them."""
    made = (api.create(api.make("cm", f"a{number}")) for number in range(count))
    creating = [asyncio.create_task(each) for each in made]
    while running.server._gate.calls < count:  # noqa: ASYNC110  # no event tells of an arrival
        await asyncio.sleep(0)
    return creating


async def test_a_call_that_outlasts_the_grace_is_told(settings: Settings) -> None:
    """A write that the server does not wait for has an unknown outcome, and says why."""
    path = settings.store.removeprefix("sqlite:")
    async with app.running(settings) as running, Caller(running.address, Catalog.shipped()) as api:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            creating = [asyncio.create_task(api.create(api.make("cm", f"a{n}"))) for n in range(9)]
            while running.server._gate.calls < 9:  # noqa: ASYNC110  # no event tells of an arrival
                await asyncio.sleep(0)
            await running.server.drain(0.2)
            ends = await asyncio.gather(*creating, return_exceptions=True)
            other.execute("ROLLBACK")
        assert {type(end) for end in ends} == {errors.OutcomeUnknown}
        assert all("shutting down and waits no longer" in str(end) for end in ends)


async def _refusal(address: str) -> grpc.StatusCode:
    """Call until a call is refused; those that arrive before the socket is closed are served."""
    # What is accepted just while the socket closes is never greeted, and gRPC's client would
    # wait 20 s for that.
    patience = [("grpc.min_reconnect_backoff_ms", 1000)]
    while True:
        async with grpc.aio.insecure_channel(address, options=patience) as channel:
            listing: Any = channel.unary_unary("/protocube.core.v1.ConfigMaps/List", None, None)
            try:
                await listing(b"")
            except grpc.aio.AioRpcError as error:
                code: grpc.StatusCode = error.code()
                return code


async def test_what_was_written_is_there_after_a_restart(settings: Settings) -> None:
    """A second server on the same store gives the same objects and higher versions."""
    async with app.running(settings) as running, Caller(running.address, Catalog.shipped()) as api:
        made = await api.create(api.make("cm", "a"))
        space = await api.get("ns", "default")
    async with app.running(settings) as running, Caller(running.address, Catalog.shipped()) as api:
        assert await api.get("cm", "a") == made
        assert await api.get("ns", "default") == space
        newer = await api.create(api.make("cm", "b"))
        assert int(newer.metadata.resource_version) > int(made.metadata.resource_version)


async def test_a_second_server_cannot_have_the_file(settings: Settings) -> None:
    """A SQLite store belongs to one server; the second is told who has it."""
    async with app.running(settings):
        with pytest.raises(errors.Unavailable, match="is open in another server"):
            async with app.running(settings):
                pytest.fail("it must not start")


async def test_a_second_server_cannot_have_the_port(settings: Settings) -> None:
    """The operating system's reason is given before the store is touched."""
    async with app.running(settings) as running:
        taken = dataclasses.replace(settings, listen=running.address)
        with pytest.raises(app.CannotListen, match="Address already in use"):
            async with app.running(taken):
                pytest.fail("it must not start")


@pytest.mark.parametrize(
    "listen", ["", "7443", "host", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", ":-1"]
)
async def test_an_address_that_is_none_is_refused(settings: Settings, listen: str) -> None:
    """A mistake in the address is named with what it should look like."""
    with pytest.raises(app.CannotListen, match="HOST:PORT"):
        async with app.running(dataclasses.replace(settings, listen=listen)):
            pytest.fail("it must not start")


@pytest.mark.parametrize("store", ["", "nope", "mysql:x", "sqlite:", "etcd:", "etcd://"])
async def test_a_store_that_is_none_is_refused(settings: Settings, store: str) -> None:
    """A mistake in the store's URL is named."""
    with pytest.raises(errors.BadRequest, match="invalid store"):
        async with app.running(dataclasses.replace(settings, store=store)):
            pytest.fail("it must not start")
