"""The etcd store: the Store contract on an etcd cluster that many servers share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from protocube import errors
from protocube_server.storage import base, limits, ranges
from protocube_server.storage.batching import Batcher
from protocube_server.storage.etcd import faults, room, transactions, version
from protocube_server.storage.etcd.client import Client
from protocube_server.storage.etcd.connection import Connection
from protocube_server.storage.etcd.group import Group
from protocube_server.storage.etcd.leases import Leases
from protocube_server.storage.etcd.proto import rpc_pb2
from protocube_server.storage.etcd.security import PLAIN, Security
from protocube_server.storage.etcd.singles import Singles
from protocube_server.storage.etcd.watch import Follower

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

_MOST_GETS = 64  # With objects as large as they may be, these are some 100 MB.
_PAGE_KEYS = 5000  # A list without a limit is read in pages: one long read blocks etcd's writers.


class EtcdStore(base.Store):
    """A store in etcd. Open it with :meth:`open`."""

    def __init__(
        self,
        connection: Connection,
        client: Client,
        follower: Follower,
        group: Group | None,
        *,
        home: bytes,
    ) -> None:
        self.leases = Leases(connection, client)
        """etcd's own; the contract of a store knows none."""
        self._connection = connection
        self._client = client
        self._follower = follower
        self._group = group
        self._singles = Singles(client)
        self._home = home
        self._gets = Batcher(self._find, most=_MOST_GETS)

    @classmethod
    async def open(
        cls,
        endpoints: Sequence[str],
        *,
        timeout: float = 10.0,  # noqa: ASYNC109  # of every later call, not of this one
        progress_interval: float = 1.0,
        nested: bool | None = None,
        home: bytes = b"\0",
        security: Security = PLAIN,
        renewal_interval: float = 5.0,
        quota: int = 0,
        room_interval: float = 10.0,
    ) -> Self:
        """Connect to the members at ``endpoints``, each ``host:port``.

        ``timeout`` is the longest that one call to etcd takes with its repetitions (and
        that a write waits for its turn), ``progress_interval`` the time between two
        progress marks of a watch, ``renewal_interval`` that between two looks at the files
        of ``security``, ``room_interval`` that between two looks at how full etcd is, all in
        seconds. ``quota`` is the bytes that its database may have where it does not tell (before
        3.6), 0 for its default. ``nested`` says whether the server
        has nested transactions; by default it is asked. ``home`` is a key that our user
        may read and write; it need not exist, and is not written.

        Raises ``base.Unreachable`` when no member answers or the cluster has no leader,
        ``errors.Unavailable`` when etcd refuses us, or when a member runs a version that
        is known to lose data, and ``errors.BadRequest`` for wrong files of ``security``.
        """
        connection = Connection(endpoints, security, renewal_interval=renewal_interval)
        try:
            client = Client(connection, timeout=timeout)
            has_progress = await _check_versions(connection, client)
            if nested is None:
                nested = await _has_nested(client, home)
        except errors.Unavailable as error:
            await connection.close()
            if faults.may_pass(error):
                raise base.Unreachable(error.message) from error
            raise
        except BaseException:
            await connection.close()
            raise
        client.incarnation.is_ordered = nested
        follower = Follower(
            connection,
            client,
            progress_interval=progress_interval if has_progress else None,
        )

        async def send(writes: Sequence[base.Write]) -> Sequence[base.Outcome]:
            response = await client.txn(transactions.group(writes, home=home))
            return transactions.group_outcomes(writes, response)

        group = Group(send, patience=timeout) if nested else None
        if nested:  # What speaks etcd's language in front of another database has no quota.
            following = room.follow(connection, client, room.Room(quota=quota), every=room_interval)
            connection.begin(following, "etcd-room")
        return cls(connection, client, follower, group, home=home)

    @property
    def incarnation(self) -> str:
        """See :attr:`base.Store.incarnation`."""
        return self._client.incarnation.name

    async def get(self, key: bytes) -> base.Record | None:
        """See :meth:`base.Store.get`."""
        return (await self._look(key)).record

    async def list(
        self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0
    ) -> base.Page:
        """See :meth:`base.Store.list`."""
        if limit:
            return await self._page(prefix, start, limit, at)
        while True:
            try:
                return await self._pages(prefix, start, at)
            except errors.Expired:
                # A newest state was asked for: take a newer one when a compaction overtook it.
                if at:
                    raise

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """See :meth:`base.Store.write`.

        Raises ``errors.MethodNotSupported`` for several writes, in a batch or in a set, on a
        server without nested transactions, which cannot apply them as one.
        """
        if not batch:
            return ()
        if self._group:
            return await self._group.write(batch)
        limits.check(batch)
        if len(batch) > 1:
            message = "this etcd (kine?) has no nested transactions: it takes one write at a time"
            raise errors.MethodNotSupported(message)
        return (await self._singles.write(batch[0]),)

    def watch(
        self, prefix: bytes, *, after: int, progress: bool = False
    ) -> AsyncGenerator[base.Revision, None]:
        """See :meth:`base.Store.watch`."""
        return self._follower.follow(prefix, after=after, progress=progress)

    async def revision(self) -> int:
        """See :meth:`base.Store.revision`."""
        found = await self._look(self._home)
        if self._follower.is_cut_off:
            await self._client.incarnation.prove(self._client.range)
        return found.revision

    async def compact(self, revision: int) -> None:
        """See :meth:`base.Store.compact`."""
        try:
            await self._client.compact(rpc_pb2.CompactionRequest(revision=revision))
        except errors.Expired:
            return  # It was, already.

    async def close(self) -> None:
        """See :meth:`base.Store.close`."""
        if self._group:
            await self._group.close()
        await self._connection.close()
        await self._follower.close()

    async def _look(self, key: bytes) -> transactions.Found:
        # Reading in a transaction is among what kine does not know.
        return await self._gets.ask(key) if self._group else (await self._find([key]))[0]

    async def _find(self, keys: Sequence[bytes]) -> Sequence[transactions.Found]:
        if len(keys) == 1:
            response = await self._client.range(rpc_pb2.RangeRequest(key=keys[0]))
            return [transactions.found(response, response.header.revision)]
        return transactions.gets_outcomes(await self._client.gets(transactions.gets(keys)))

    async def _page(self, prefix: bytes, start: bytes, limit: int, at: int) -> base.Page:
        response = await self._client.range(
            rpc_pb2.RangeRequest(
                key=max(prefix, start) or b"\0",
                range_end=ranges.end_of(prefix),
                limit=limit,
                revision=at,
            )
        )
        return base.Page(
            records=tuple(map(transactions.record, response.kvs)),
            revision=at or response.header.revision,
            more=response.more,
            count=response.count,
        )

    async def _pages(self, prefix: bytes, start: bytes, at: int) -> base.Page:
        page = await self._page(prefix, start, _PAGE_KEYS, at)
        incarnation = self.incarnation
        count = page.count
        records = list(page.records)
        while page.more:
            page = await self._page(prefix, records[-1].key + b"\0", _PAGE_KEYS, page.revision)
            if self.incarnation != incarnation:
                raise base.gone_back()
            records += page.records
        return base.Page(records=tuple(records), revision=page.revision, more=False, count=count)


async def _check_versions(connection: Connection, client: Client) -> bool:
    """Refuse what must be refused; say whether all members' progress can be trusted.

    The first member that answers and knows a leader is the one to begin with.
    """
    answers = await asyncio.gather(
        *(client.status(endpoint) for endpoint in connection.endpoints), return_exceptions=True
    )
    statuses = [answer for answer in answers if not isinstance(answer, BaseException)]
    for answer in answers:
        if isinstance(answer, BaseException) and not (
            statuses and isinstance(answer, errors.Unavailable)
        ):
            raise answer
    trusted = len(statuses) == len(answers)
    first = None
    for endpoint, status in zip(connection.endpoints, answers, strict=True):
        if isinstance(status, BaseException):
            continue
        known = version.parse(status.version)
        if known:
            version.check(known, endpoint.address)
        trusted = trusted and known is not None and version.has_progress(known)
        if status.leader and first is None:
            first = endpoint
    if first is not None:
        connection.prefer(first)
    return trusted


async def _has_nested(client: Client, home: bytes) -> bool:
    try:
        await client.txn(transactions.probe(home))
    except errors.ApiError as error:
        if faults.is_unsupported(error):
            return False
        raise
    return True
