"""How much room etcd's database has left, told in the log before etcd refuses writes.

etcd measures the database of each member against its quota. Beyond it the cluster raises an
alarm, and takes nothing more that makes the database grow until an administrator has made room and
has put the alarm out. etcd itself warns of none of that beforehand.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING

from protocube import errors

if TYPE_CHECKING:
    from protocube_server.storage.etcd.client import Client
    from protocube_server.storage.etcd.connection import Connection
    from protocube_server.storage.etcd.proto import rpc_pb2

DEFAULT_QUOTA = 2 * 1024 * 1024 * 1024
"""Bytes: etcd's own, when its ``--quota-backend-bytes`` is 0."""

_WARN_AT = 0.80
_CALM_AT = 0.70
"""Below that part of the quota the next warning is news again: sizes go up and down a little."""

_ALARM = re.compile(r"\balarm:(\w+)")
_MEANING = {
    "NOSPACE": "a database has reached its quota, and writes are refused until there is room and "
    "the alarm is disarmed; deletions are taken",
    "CORRUPT": "its members do not have the same data, and it refuses all writes; see etcd's "
    "documentation on data corruption",
}

_log = logging.getLogger(__name__)


class Room:
    """What was said of each member, so that it is said once."""

    def __init__(self, *, quota: int) -> None:
        """``quota`` is that of members that do not tell theirs, in bytes; 0 is etcd's default."""
        self._assumed = quota or DEFAULT_QUOTA
        self._near: set[str] = set()
        """The members that come near their quota."""
        self._alarms: dict[str, frozenset[str]] = {}

    def learn(self, address: str, status: rpc_pb2.StatusResponse) -> None:
        """Log what the status of a member has that is news."""
        self._learn_size(address, status)
        before = self._raised()
        self._alarms[address] = frozenset(_ALARM.findall("\n".join(status.errors)))
        after = self._raised()
        for alarm in sorted(after - before):
            meaning = _MEANING.get(alarm, "see etcd's documentation")
            _log.warning("etcd has raised the alarm %s: %s (docs/stores.md)", alarm, meaning)
        for alarm in sorted(before - after):
            _log.warning("etcd's alarm %s is disarmed", alarm)

    def _learn_size(self, address: str, status: rpc_pb2.StatusResponse) -> None:
        quota = status.dbSizeQuota or self._assumed
        if quota < 0:
            return  # It has none.
        part = status.dbSize / quota
        if part < _CALM_AT:
            self._near.discard(address)
        if part < _WARN_AT or address in self._near:
            return
        self._near.add(address)
        _log.warning(
            "etcd at %s: its database has %s of %s (%d %%%s), %s of it in use; when it is full, "
            "writes are refused: delete what is not needed, compact, then etcdctl defrag, or raise "
            "etcd's --quota-backend-bytes (docs/stores.md)",
            address,
            _mebibytes(status.dbSize),
            _mebibytes(quota),
            100 * part,
            "" if status.dbSizeQuota else ", if its quota is that of --etcd-quota-bytes",
            _mebibytes(status.dbSizeInUse),
        )

    def _raised(self) -> frozenset[str]:
        return frozenset().union(*self._alarms.values())


async def follow(connection: Connection, client: Client, room: Room, *, every: float) -> None:
    """Ask each member for its status every ``every`` seconds. Cancel it.

    A status has the alarms, too. To ask for them by themselves is a proposal to the whole
    cluster, which each of its members writes down.
    """
    while True:
        for endpoint in connection.endpoints:
            try:
                status = await client.status(endpoint)
            except errors.ApiError:
                continue  # What needs this member says that it does not answer.
            room.learn(endpoint.address, status)
        await asyncio.sleep(every)


def _mebibytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MiB"
