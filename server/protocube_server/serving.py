"""Serves an API over gRPC in this process: for the command, for tests, and for programs."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, cast

from protocube.access.v1 import access_pb2_grpc
from protocube.discovery.v1 import discovery_pb2_grpc
from protocube.openid.v1 import issuer_pb2_grpc
from protocube_server.calls.chain import Stages
from protocube_server.calls.shares import FairShares
from protocube_server.edge import bulk, listening, own_access, reflection, watches
from protocube_server.edge.discovery import Discovery
from protocube_server.edge.gate import CallLimits, Gate
from protocube_server.edge.health import SERVICE_NAME, Health
from protocube_server.edge.openid import OpenId
from protocube_server.edge.services import TypedServices
from protocube_server.verbs.bulk.stream import Bulk
from protocube_server.verbs.entrance import Entrance

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import grpc

    from protocube_server.edge.access import Access
    from protocube_server.edge.listening import Listener
    from protocube_server.verbs.api import Api

_DISCOVERY = "protocube.discovery.v1.Discovery"
_OPENID = "protocube.openid.v1.Issuer"

_QUIET_SECONDS = 0.2
"""So long no call must have arrived before gRPC stops: longer than an answer is on its way."""
_SETTLING_SECONDS = 1.0
"""How long such a time is waited for: some callers never stop."""
_LAST_WORDS_SECONDS = 1.0
"""How long it may take to tell callers that their calls are not waited for."""


class Server:
    """A running server: where it listens, whether it is ready, and how it is stopped."""

    def __init__(
        self,
        *,
        server: grpc.aio.Server,
        gate: Gate,
        health: Health,
        address: str,
        mtls_address: str = "",
    ) -> None:
        self.address = address
        """``HOST:PORT`` with the port that was bound."""
        self.mtls_address = mtls_address
        """Likewise where certificates are asked for, when that is another one; else empty."""
        self.announce = health.announce
        """Tells the health service whether calls can be served; at first they cannot."""
        self.recheck = gate.recheck
        """Ends the streams whose callers are not known any more, or have lost the right to them."""
        self._server = server
        self._gate = gate
        self._health = health

    async def drain(self, grace: float) -> None:
        """Refuse new calls, end streams so that clients resume elsewhere, wait for the rest.

        Every call is answered, or ends as ``errors.Unavailable``; those that are in flight
        after ``grace`` seconds as ``errors.OutcomeUnknown``.
        """
        ends = asyncio.get_running_loop().time() + grace
        await self._health.end()
        # gRPC cancels, without a word, what it has taken in and not begun, and what arrives
        # before clients hear that it stops. So it stops once all wait for an answer of ours.
        self._gate.close()
        await self._gate.settle(
            quiet=min(_QUIET_SECONDS, grace / 50), longest=min(_SETTLING_SECONDS, grace / 10)
        )
        left = max(0.0, ends - asyncio.get_running_loop().time())
        stopped = asyncio.ensure_future(self._server.stop(left + _LAST_WORDS_SECONDS))
        # Lets the server send GOAWAY first: a client must not come back to it.
        await asyncio.sleep(0)
        self._gate.end_streams()
        await asyncio.wait({stopped}, timeout=left)
        self._gate.end_calls()
        await stopped


@contextlib.asynccontextmanager
async def serving(
    api: Api,
    *,
    listen: str,
    store: str,
    credentials: grpc.ServerCredentials | None = None,
    mtls: Listener | None = None,
    stages: Stages | None = None,
    access: Access | None = None,
    limits: CallLimits | None = None,
    grace: float = 10.0,
) -> AsyncGenerator[Server, None]:
    """Serve ``api`` at ``listen`` (``HOST:PORT``, port 0 for a free one) until the context ends.

    ``store`` is what discovery calls the store, ``sqlite`` or ``etcd``. Without ``credentials``
    connections are plaintext. ``mtls`` is one more listener of the same server. Without ``access``
    nobody is asked who they are.
    Raises ``listening.CannotListen``.
    """
    limits = limits or CallLimits()
    gate = Gate(limits, access)
    server = listening.server(gate, api.limits, limits)
    # Services do nothing with a server but to add their handlers.
    behind = cast("grpc.aio.Server", gate)
    stages = stages or Stages(limited_by_connection=FairShares())
    entrance = Entrance(api, stages, access.everything if access is not None else None)
    gate.ask_first(TypedServices(api.editions, entrance, gate.wrap).find)
    if api.definitions is not None:
        gate.ask_again(api.definitions.ready_for)
        api.definitions.ended = gate.recheck
    discovery_pb2_grpc.add_DiscoveryServicer_to_server(
        Discovery(editions=api.editions, store=store, definitions=api.definitions), behind
    )
    watches.add_to_server(behind, entrance)
    bulk.add_to_server(behind, Bulk(api, stages))
    issuer_pb2_grpc.add_IssuerServicer_to_server(OpenId(issuer=api.token_issuer), behind)
    rights = access.own_rights if access is not None else None
    access_pb2_grpc.add_AccessServicer_to_server(own_access.OwnAccess(rights=rights), behind)
    others = [_DISCOVERY, _OPENID, *(each.SERVICE_NAME for each in (bulk, own_access, watches))]
    health = Health(api.editions, others)
    health.add_to_server(behind)
    settled = api.definitions.current if api.definitions is not None else None
    reflection.add_to_server(behind, api.editions, [*others, SERVICE_NAME], settled)
    address = listening.bind(server, listen, credentials)
    more = listening.bind(server, mtls.listen, mtls.credentials) if mtls is not None else ""
    await health.announce(ready=False)
    await server.start()
    running = Server(server=server, gate=gate, health=health, address=address, mtls_address=more)
    try:
        yield running
    finally:
        await running.drain(grace)
