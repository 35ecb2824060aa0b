"""Three members of one etcd cluster on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from typing import TYPE_CHECKING

import grpc.aio

from protocube_server.storage.etcd.proto import rpc_pb2, rpc_pb2_grpc
from tests import etcd_process
from tests.etcd_process import Etcd, Membership
from tests.storage import etcd_tool

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

_SECONDS = 1.0
_QUICK = ("--heartbeat-interval", "50", "--election-timeout", "500")
"""A leader that is gone is replaced within a second."""


class Cluster:
    """Started members, whose leader can be found."""

    def __init__(self, members: tuple[Etcd, ...]) -> None:
        self.members = members

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Where clients connect."""
        return tuple(member.endpoint for member in self.members)

    async def leader(self) -> Etcd | None:
        """Return the member that leads, ``None`` while there is none."""
        for member in self.members:
            async with grpc.aio.insecure_channel(member.endpoint) as channel:
                maintenance = rpc_pb2_grpc.MaintenanceStub(channel)
                try:
                    status = await maintenance.Status(rpc_pb2.StatusRequest(), timeout=_SECONDS)
                except grpc.aio.AioRpcError:
                    continue
            if status.leader and status.leader == status.header.member_id:
                return member
        return None

    def kill(self) -> None:
        """End all members as a power cut would."""
        for member in self.members:
            member.kill()

    async def restore(self, snapshot: Path) -> None:
        """Start the members, which were killed, on ``snapshot`` in the place of what they had."""
        each = [asyncio.to_thread(_restore, member, snapshot) for member in self.members]
        await asyncio.gather(*each)
        await asyncio.gather(*(asyncio.to_thread(member.start) for member in self.members))


def _restore(member: Etcd, snapshot: Path) -> None:
    place = member.membership
    assert place is not None
    shutil.rmtree(member.directory / "data")
    flags = ("--name", place.name, "--initial-cluster", place.peers)
    peer = ("--initial-advertise-peer-urls", member.peer)
    etcd_tool.restore(snapshot, member.directory, *flags, *peer)


@contextlib.asynccontextmanager
async def running(folder: Path, *, program: str = "") -> AsyncGenerator[Cluster, None]:
    """Provide a cluster whose data is below ``folder``, and end it afterwards."""
    ports = [etcd_process.free_ports() for _ in range(3)]
    peers = ",".join(
        f"member-{number}=http://127.0.0.1:{peer}" for number, (_, peer) in enumerate(ports)
    )
    members = tuple(
        Etcd(
            folder / f"member-{number}",
            program=program,
            flags=_QUICK,
            membership=Membership(
                name=f"member-{number}", client_port=client, peer_port=peer, peers=peers
            ),
        )
        for number, (client, peer) in enumerate(ports)
    )
    try:
        # None of them serves before most of them are there.
        await asyncio.gather(*(asyncio.to_thread(member.start) for member in members))
        yield Cluster(members)
    finally:
        for member in members:
            member.kill()
