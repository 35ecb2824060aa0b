"""Collects during a term: reads all objects once, follows them, and makes the attempts.

Nothing is remembered between two terms but the store's own state. While the graph is built nothing
is attempted; it is of one revision then, and moves by whole revisions. So what it says of an
object holds for all that was written before the object was.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.api.v1 import resource_pb2
from protocube_server.calls.chain import Stages
from protocube_server.storage.base import GuardFailed
from protocube_server.upkeep import following
from protocube_server.upkeep.collector.attempts import Attempts
from protocube_server.upkeep.collector.collecting import Collecting
from protocube_server.upkeep.collector.graph import Graph
from protocube_server.upkeep.collector.objects import Objects
from protocube_server.upkeep.collector.observed import matters, observed
from protocube_server.upkeep.guarded_store import guarded
from protocube_server.upkeep.seen import metadata_of
from protocube_server.verbs.entrance import Entrance

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Event, Record
    from protocube_server.upkeep.collector.graph import Node
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api

_AT_ONCE = 16
"""Attempts that are made together."""

_LOG = logging.getLogger("protocube.server")


def collecting(api: Api, stages: Stages | None = None) -> Worker:
    """Return the worker that collects what is in the store that ``api`` works on.

    Its calls meet the ``stages`` that all calls meet.
    """

    async def collect(term: Term) -> None:
        led = guarded(api, term)
        await following.anew(lambda: _Collector(led, stages or Stages()).run())

    return collect


class _Collector:
    """The graph of one edition, and the attempts that it asks for."""

    def __init__(self, api: Api, stages: Stages) -> None:
        self._api = api
        self._edition = api.editions.current
        self._kinds = {kind.prefix(): kind for kind in self._edition.kinds if _is_collected(kind)}
        self._attempts = Attempts()
        self._graph = Graph(self._attempts.add)
        objects = Objects(api, Entrance(api, stages), self._edition, self._graph.absent)
        self._collecting = Collecting(self._graph, self._attempts, objects)

    async def run(self) -> None:
        """Work until cancelled, or until kinds are replaced.

        Raises what following the objects raises, and ``GuardFailed`` when another server leads.
        """
        work = following.follow(self._api, self._edition, self._kinds, self, self._works)
        try:
            await following.while_current(self._api, self._edition, work)
        finally:
            self._attempts.close()

    def see(self, prefix: bytes, record: Record) -> None:
        """See :class:`following.Follower`."""
        self._put(self._kinds[prefix], record)

    def take(self, prefix: bytes, event: Event) -> None:
        """See :class:`following.Follower`."""
        kind = self._kinds.get(prefix)
        if kind is None:
            return
        if event.record is not None:
            self._put(kind, event.record)
            return
        if event.previous is None:
            # Compacted: which object is gone cannot be told.
            raise errors.Expired("the state before a deletion was compacted")
        with contextlib.suppress(errors.Damaged):
            self._graph.remove(metadata_of(event.previous).uid, event.key)

    def _works(self) -> Iterator[Coroutine[Any, Any, None]]:
        """Yield what makes the attempts, once the graph is of one revision."""
        _LOG.debug("collecting: %d of the objects own others or are owned", len(self._graph))
        for _ in range(_AT_ONCE):
            yield self._work()

    def _put(self, kind: Kind, record: Record) -> None:
        # One that cannot be read stays what it was: nothing is done about it.
        with contextlib.suppress(errors.Damaged):
            metadata = metadata_of(record)
            # Most objects have nothing to do with others.
            if matters(metadata) or self._graph.knows(metadata.uid):
                self._graph.put(observed(self._edition, kind, record, metadata))

    async def _work(self) -> None:
        """Make one attempt after the other. Raises ``GuardFailed``."""
        while True:
            node = await self._attempts.take()
            try:
                await self._collecting.attempt(node)
            except GuardFailed:
                raise
            except (errors.Conflict, errors.NotFound, errors.Unavailable) as error:
                # It was changed meanwhile, or there is no store, of which others tell.
                _LOG.debug("collecting: %s", error)
                self._attempts.failed(node)
            except errors.ApiError as error:
                self._say(node, error)
            except Exception:  # noqa: BLE001  # a fault of ours must not hold up the others
                _LOG.exception("collecting: an attempt failed")
                self._attempts.failed(node)
            else:
                self._attempts.done(node)

    def _say(self, node: Node, error: errors.ApiError) -> None:
        where = node.key.decode(errors="replace") or node.uid
        seconds = self._attempts.failed(node)
        _LOG.warning("collecting %s: %s; trying again in %g s", where, error, seconds)


def _is_collected(kind: Kind) -> bool:
    return kind.is_stored and kind.resource.options.dependents != resource_pb2.DEPENDENTS_NONE
