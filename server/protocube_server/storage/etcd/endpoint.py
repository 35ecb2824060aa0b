"""One member of an etcd cluster, and the channel to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import grpc
import grpc.aio

from protocube_server.storage.etcd.proto import rpc_pb2_grpc

_CHANNEL = (
    # One answer to a watch that catches up holds up to 1000 revisions.
    ("grpc.max_receive_message_length", -1),
    # etcd has a limit of its own, and says so in words.
    ("grpc.max_send_message_length", -1),
    # A peer that vanished without a word is noticed in 10 s, by a call that waits for it in
    # 2 s (`client`). etcd takes offence at pings more often than every 5 s, and at any on a
    # connection without calls.
    ("grpc.keepalive_time_ms", 6_000),
    ("grpc.keepalive_timeout_ms", 4_000),
    # The one above is for packets that are not confirmed. A process that is stopped has a
    # kernel that confirms them; what is missing then is the answer to a ping.
    ("grpc.http2.ping_timeout_ms", 4_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    # A store is never behind the proxy that the environment names for the web.
    ("grpc.enable_http_proxy", 0),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Endpoint:
    """One member of the cluster."""

    address: str
    channel: grpc.aio.Channel
    kv: rpc_pb2_grpc.KVStub
    watch: rpc_pb2_grpc.WatchStub
    maintenance: rpc_pb2_grpc.MaintenanceStub
    lease: rpc_pb2_grpc.LeaseStub
    auth: rpc_pb2_grpc.AuthStub
    abandoned: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when what waits for it without a deadline must go elsewhere."""

    @property
    def seems_lost(self) -> bool:
        """Whether the last attempt to connect to it failed, or it did not answer."""
        state = self.channel.get_state()
        return self.abandoned.is_set() or state is grpc.ChannelConnectivity.TRANSIENT_FAILURE


def connect(address: str, credentials: grpc.ChannelCredentials | None) -> Endpoint:
    """Return the member at ``address``; its channel connects at the first call."""
    channel = (
        grpc.aio.secure_channel(address, credentials, options=_CHANNEL)
        if credentials
        else grpc.aio.insecure_channel(address, options=_CHANNEL)
    )
    return Endpoint(
        address=address,
        channel=channel,
        kv=rpc_pb2_grpc.KVStub(channel),
        watch=rpc_pb2_grpc.WatchStub(channel),
        maintenance=rpc_pb2_grpc.MaintenanceStub(channel),
        lease=rpc_pb2_grpc.LeaseStub(channel),
        auth=rpc_pb2_grpc.AuthStub(channel),
    )
