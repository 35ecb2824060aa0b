"""Writes one at a time, for servers that speak etcd's language and are not etcd.

kine, which keeps what it is told in an SQL database, recognises three shapes of
transactions and no others. What they do not tell is read in addition: what a deletion
removed, and what an update replaced. And a write that is acknowledged is read, because
kine (0.17.5, seen with SQLite) also acknowledges one whose INSERT has failed: of 1200
creates at once it made 238.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import base
from protocube_server.storage.etcd import transactions
from protocube_server.storage.etcd.proto import rpc_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.storage.etcd.client import Client

_AT_ONCE = 4
"""SQL databases lock, and what waits for a lock too long fails."""


class Singles:
    """Makes writes with a condition each. The outcomes are those that a group gives."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def write(self, write: base.Write) -> base.Outcome:
        """Make one write, or a set of one.

        Guards are looked at just before: the shapes have no room for them. Raises
        ``errors.MethodNotSupported`` for several writes at once and for a Put without a
        condition.
        """
        if not isinstance(write, base.Set):
            return await self._single(write)
        if len(write.writes) > 1:
            message = (
                "this etcd (kine?) has no nested transactions:"
                f" it cannot make {len(write.writes)} writes that hold or fail together"
            )
            raise errors.MethodNotSupported(message)
        outcome = await self._single(write.writes[0], write.guards)
        if isinstance(outcome, base.Refused):
            return outcome
        return base.SetDone(revision=outcome.revision, outcomes=(outcome,))

    async def _single(
        self, write: base.Put | base.Remove, guards: Sequence[base.Guard] = ()
    ) -> base.Done | base.Refused:
        async with self._turns:
            for guard in guards:
                refused = await self._refused_by(guard, write)
                if refused:
                    return refused
            if isinstance(write, base.Remove):
                return await self._remove(write)
            if write.expected is None:
                message = "this etcd (kine?) cannot write without a condition"
                raise errors.MethodNotSupported(message)
            return await self._put(write, write.expected)

    async def _refused_by(
        self, guard: base.Guard, write: base.Put | base.Remove
    ) -> base.Refused | None:
        """Look whether a guard holds. Where it does not, the write's own condition comes first."""
        there = (await self._look(guard.key)).record
        if guard.revision == (there.mod_revision if there else 0):
            return None
        current = (await self._look(write.key)).record
        if write.expected not in (None, current.mod_revision if current else 0):
            return base.Refused(key=write.key, current=current)
        return base.Refused(key=guard.key, current=there, by_guard=True)

    async def _put(self, write: base.Put, expected: int) -> base.Done | base.Refused:
        response = await self._client.txn(transactions.single_put(write, expected))
        if not response.succeeded:
            return await self._refused(write.key, expected)
        revision = response.header.revision
        try:
            record = (await self._look(write.key, at=revision)).record
        except errors.Expired:
            record = None  # It is behind a compaction already.
        if record is None or record.mod_revision != revision or record.value != write.value:
            message = f"the write was acknowledged at revision {revision}, and is not there"
            raise errors.OutcomeUnknown(message)
        return base.Done(revision=revision, record=record, previous=None)

    async def _remove(self, write: base.Remove) -> base.Done | base.Refused:
        while True:
            found = await self._look(write.key)
            record = found.record
            if record is None or write.expected not in (None, record.mod_revision):
                if write.expected is None:
                    return base.Done(revision=found.revision, record=None, previous=None)
                return base.Refused(key=write.key, current=record)
            remove = transactions.single_remove(write, record.mod_revision)
            response = await self._client.txn(remove)
            if response.succeeded:
                return await self._removed(record, response.header.revision)
            refused = await self._refused(write.key, record.mod_revision)
            if write.expected is not None:
                return refused

    async def _removed(self, record: base.Record, revision: int) -> base.Done:
        left = (await self._look(record.key)).record
        if left is not None and left.mod_revision == record.mod_revision:
            message = f"the deletion was acknowledged at revision {revision}, and has not happened"
            raise errors.OutcomeUnknown(message)
        return base.Done(revision=revision, record=None, previous=record)

    async def _refused(self, key: bytes, expected: int) -> base.Refused:
        """Look at what stands in the way. It is there, unless it has gone meanwhile."""
        current = (await self._look(key)).record
        if expected and current and expected == current.mod_revision:
            message = "the write was refused though its condition holds: the database failed"
            raise errors.Unavailable(message)
        return base.Refused(key=key, current=current)

    async def _look(self, key: bytes, *, at: int = 0) -> transactions.Found:
        response = await self._client.range(rpc_pb2.RangeRequest(key=key, revision=at))
        return transactions.found(response, response.header.revision)
