"""Health, as load balancers and orchestrators ask for it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2

from protocube.catalog import Catalog
from protocube_server import app
from tests.server.caller import SECONDS, Caller

if TYPE_CHECKING:
    from protocube_server.settings import Settings

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def check(api: Caller, service: str) -> int:
    """Ask for the health of a service."""
    request = health_pb2.HealthCheckRequest(service=service)
    reply = await api.send("/grpc.health.v1.Health/Check", request.SerializeToString())
    return int(health_pb2.HealthCheckResponse.FromString(reply.body).status)


async def test_a_ready_server_serves(api: Caller) -> None:
    """The server as a whole and each of its services say SERVING."""
    for service in ("", *(resource.service for resource in api.catalog.resources)):
        assert await check(api, service) == _SERVING


async def test_an_unknown_service_is_not_found(api: Caller) -> None:
    """Health of what is not served is not known."""
    from protocube import errors

    with pytest.raises(errors.NotFound):
        await check(api, "no.such.Service")


async def test_a_server_that_drains_says_so_first(settings: Settings) -> None:
    """Whoever watches health hears NOT_SERVING before the connection ends."""
    async with contextlib.AsyncExitStack() as client:
        async with app.running(settings) as running:
            api = await client.enter_async_context(Caller(running.address, Catalog.shipped()))
            watch = api.channel.unary_stream("/grpc.health.v1.Health/Watch", None, None)
            call = watch(b"", timeout=SECONDS)
            first = health_pb2.HealthCheckResponse.FromString(await call.read())
            assert first.status == _SERVING
        last = health_pb2.HealthCheckResponse.FromString(await call.read())
        assert last.status == _NOT_SERVING
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
