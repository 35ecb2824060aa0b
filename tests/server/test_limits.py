"""Limits: each refusal names the limit it met, and calls are admitted again below it."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.edge.gate import CallLimits
from tests.server.caller import OWN, Caller
from tests.server.gated import METHOD, gated

if TYPE_CHECKING:
    from tests.server.conftest import Serve


async def test_calls_in_flight_are_bounded() -> None:
    """One more call than allowed is refused with a delay; when one ends, the next is admitted."""
    arrived, go = asyncio.Event(), asyncio.Event()

    async def handle(request: bytes) -> bytes:
        arrived.set()
        await go.wait()
        return request

    async with gated(handle, limits=CallLimits(calls=1)) as served:
        first = asyncio.create_task(served.caller.send(METHOD, b"1"))
        await arrived.wait()
        with pytest.raises(errors.TooManyRequests) as caught:
            await served.caller.send(METHOD, b"2")
        assert caught.value.message == (
            "too many calls in flight: the limit is 1 (--max-calls); try again later"
        )
        assert caught.value.retry_after == 1
        assert served.gate.calls == 1
        go.set()
        assert (await first).body == b"1"
        assert (await served.caller.send(METHOD, b"3")).body == b"3"
        assert served.gate.calls == 0


async def test_a_cancelled_call_is_counted_no_more() -> None:
    """A client that leaves frees its place."""
    arrived, left = asyncio.Event(), asyncio.Event()

    async def handle(request: bytes) -> bytes:
        if request != b"stay":
            return request
        arrived.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            left.set()
        return request

    async with gated(handle, limits=CallLimits(calls=1)) as served:
        first = asyncio.create_task(served.caller.send(METHOD, b"stay"))
        await arrived.wait()
        first.cancel()
        await left.wait()
        assert (await served.caller.send(METHOD, b"x")).body == b"x"


async def test_open_streams_are_bounded(serve: Serve) -> None:
    """One more watch than allowed is refused; when one ends, the next is admitted."""
    async with serve(call_limits=CallLimits(streams=1)) as api:
        async with aclosing(api.watch("cm")) as responses:
            await anext(responses)
            with pytest.raises(errors.TooManyRequests, match=r"limit is 1 \(--max-streams\)"):
                await anext(api.watch("cm"))
        async with asyncio.timeout(10):
            await _admitted(api)


async def test_a_connection_below_its_share_is_not_refused() -> None:
    """However many calls another connection has in flight; at its share it is refused, too."""
    arrived, go = asyncio.Semaphore(0), asyncio.Event()

    async def handle(request: bytes) -> bytes:
        arrived.release()
        await go.wait()
        return request

    async with (
        gated(handle, limits=CallLimits(calls=4)) as served,
        Caller(served.server.address, Catalog.shipped(), OWN) as other,
    ):
        calls = [asyncio.create_task(served.caller.send(METHOD, b"")) for _ in range(4)]
        for _ in calls:
            await arrived.acquire()
        with pytest.raises(errors.TooManyRequests):
            await served.caller.send(METHOD, b"")
        # Of two connections each has a share of two.
        calls += [asyncio.create_task(other.send(METHOD, b"")) for _ in range(2)]
        for _ in range(2):
            await arrived.acquire()
        with pytest.raises(errors.TooManyRequests, match=r"limit is 4 \(--max-calls\)"):
            await other.send(METHOD, b"")
        go.set()
        await asyncio.gather(*calls)
        assert served.gate.calls == 0


async def test_a_connection_below_its_share_may_watch(serve: Serve) -> None:
    """However many streams another connection has open."""
    async with (
        serve(call_limits=CallLimits(streams=2)) as api,
        Caller(api.address, Catalog.shipped(), OWN) as other,
        contextlib.AsyncExitStack() as stack,
    ):
        for caller in (api, api, other):
            responses = await stack.enter_async_context(aclosing(caller.watch("cm")))
            await anext(responses)
        for caller in (api, other):
            with pytest.raises(errors.TooManyRequests, match=r"limit is 2 \(--max-streams\)"):
                await anext(caller.watch("cm"))


async def test_metadata_is_bounded(serve: Serve) -> None:
    """Metadata above the limit is refused by size, below it is let through."""
    async with serve(call_limits=CallLimits(metadata=4096)) as api:
        method = "/protocube.core.v1.ConfigMaps/List"
        await api.send(method, b"", metadata=[("x", "y" * 3000)])
        with pytest.raises(errors.TooLarge, match=r"the limit is 4096 \(--max-metadata-bytes\)$"):
            await api.send(method, b"", metadata=[("x", "y" * 4096)])


async def test_a_call_that_takes_too_long_is_ended() -> None:
    """The handler is cancelled and the caller learns of the limit."""
    ended = asyncio.Event()

    async def handle(request: bytes) -> bytes:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()
        return request

    async with gated(handle, limits=CallLimits(seconds=0.05)) as served:
        with pytest.raises(errors.Timeout) as caught:
            await served.caller.send(METHOD, b"")
        assert caught.value.message.startswith(
            "the call did not finish within 0.05 s (--call-timeout)"
        )
        assert ended.is_set()


async def test_an_unknown_method_is_told_apart(api: Caller) -> None:
    """A method that nobody serves is UNIMPLEMENTED."""
    with pytest.raises(errors.MethodNotSupported):
        await api.send("/protocube.core.v1.ConfigMaps/UpdateStatus", b"")


async def _admitted(api: Caller) -> None:
    """Return when a watch is let in: the server hears of the end of a stream a moment later."""
    while True:
        try:
            async with aclosing(api.watch("cm")) as responses:
                await anext(responses)
                return
        except errors.TooManyRequests:
            continue
