"""Which history a cluster has, as far as its answers tell.

A cluster that was restored from a snapshot, or replaced, has another history behind the same
addresses. Three things tell: the cluster's id in an answer (that is the same after a
restoration with the same names), a revision behind one that was known when the question was
asked, and a *witness*: the newest write that a watch has given, which must still be there as it
was. etcd has to be started anew for all of it, so the witness is looked at after each lost
connection.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage.etcd.proto import mvcc_pb2, rpc_pb2

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from protocube_server.storage import base

    Read = Callable[[rpc_pb2.RangeRequest], Awaitable[rpc_pb2.RangeResponse]]

_log = logging.getLogger(__name__)


class Incarnation:
    """Follows the answers of one cluster. ``changed`` is called when its history is another one."""

    def __init__(self) -> None:
        self.newest = 0
        """The newest revision that an answer or an event told of this history."""
        self.is_ordered = True
        """Whether no answer's revision is behind an earlier one's (kine's may be)."""
        self.changed: Callable[[], None] = lambda: None
        self._cluster = 0
        self._count = 0
        self._witness: base.Record | None = None

    @property
    def name(self) -> str:
        """See :attr:`base.Store.incarnation`."""
        return str(self._count)

    def answered(self, header: rpc_pb2.ResponseHeader, *, asked_at: int) -> None:
        """Take the header of an answer that all members agreed on.

        :attr:`newest` was ``asked_at`` when the question was asked.
        """
        cluster, revision = header.cluster_id, header.revision
        if self._cluster and cluster and cluster != self._cluster:
            self._begin(f"another cluster answers: {cluster:x} for {self._cluster:x}")
        elif self.is_ordered and revision < asked_at <= self.newest:
            self._begin(f"it is at revision {revision} and was at {asked_at}")
        self._cluster = cluster or self._cluster
        self.newest = max(self.newest, revision)

    def gave(self, revision: base.Revision) -> None:
        """Take what a watch has given."""
        self.newest = max(self.newest, revision.number)
        for event in reversed(revision.events):
            if event.record is not None:
                self._witness = event.record
                return

    async def prove(self, read: Read) -> None:
        """Look whether the witness is still there as it was. Raises ``errors.Unavailable``."""
        witness = self._witness
        if witness is None:
            return
        request = rpc_pb2.RangeRequest(key=witness.key, revision=witness.mod_revision)
        found: tuple[mvcc_pb2.KeyValue, ...]
        try:
            found = tuple((await read(request)).kvs)
        except (errors.Expired, errors.Timeout) as error:
            found, why = (), str(error)
        else:
            why = f"revision {witness.mod_revision} is not what it was"
        is_there = bool(found) and (
            (found[0].mod_revision, found[0].value) == (witness.mod_revision, witness.value)
        )
        if not is_there and witness is self._witness:
            self._begin(why)

    def _begin(self, why: str) -> None:
        """Forget what was known of the history before."""
        _log.warning("etcd has gone back in time: %s", why)
        self._count += 1
        self._witness, self.newest = None, 0
        self.changed()
