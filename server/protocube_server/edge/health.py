"""``grpc.health.v1.Health``: whether the server, and each typed service, can be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grpc_health.v1 import health, health_pb2, health_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Iterable

    import grpc

    from protocube_server.kinds.edition import Edition, Editions

SERVICE_NAME: str = health.SERVICE_NAME
_SERVER = ""
"""The name that stands for the server as a whole."""


class Health:
    """Announces the same status for all services, and follows the kinds as they change."""

    def __init__(self, editions: Editions, others: Iterable[str]) -> None:
        """``others`` are full names of services that are there in every edition."""
        self._editions = editions
        self._others = (_SERVER, *others)
        self._servicer = health.aio.HealthServicer()
        self._status = health_pb2.HealthCheckResponse.NOT_SERVING
        self._names: frozenset[str] = frozenset()
        editions.follow(self._follow)

    def add_to_server(self, server: grpc.aio.Server) -> None:
        """Serve it."""
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    async def announce(self, *, ready: bool) -> None:
        """Tell whether calls can be served."""
        response = health_pb2.HealthCheckResponse
        self._status = response.SERVING if ready else response.NOT_SERVING
        self._names = frozenset()
        await self._follow(self._editions.current)

    async def end(self) -> None:
        """Say for good that calls cannot be served any more."""
        self._editions.leave(self._follow)
        await self._servicer.enter_graceful_shutdown()

    async def _follow(self, edition: Edition) -> None:
        names = {*self._others, *(kind.resource.service for kind in edition.kinds)}
        for name in sorted(names - self._names):
            await self._servicer.set(name, self._status)
        for name in sorted(self._names - names):
            await self._servicer.set(name, health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)
        self._names = frozenset(names)
