"""One attempt: looks at an object and its owners as the store has them, and acts.

Kubernetes' ``attemptToDeleteItem`` and ``attemptToOrphan`` (``pkg/controller/garbagecollector``).
Making one twice, or leaving off anywhere, does no harm: each write has what was read as its
precondition, and an owner that is absent once is absent for ever.
"""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server import tasks
from protocube_server.upkeep.collector.observed import State
from protocube_server.verbs import propagation

if TYPE_CHECKING:
    from collections.abc import Collection

    from protocube_server.upkeep.collector.attempts import Attempts
    from protocube_server.upkeep.collector.graph import Graph, Node
    from protocube_server.upkeep.collector.objects import Objects
    from protocube_server.upkeep.collector.observed import Observed, Reference

_AT_ONCE = 16
"""Dependents of one object about which something is done together."""

_LOG = logging.getLogger("protocube.server")


class Collecting:
    """Attempts at the nodes of a graph."""

    def __init__(self, graph: Graph, attempts: Attempts, objects: Objects) -> None:
        self._graph = graph
        self._attempts = attempts
        self._objects = objects

    async def attempt(self, node: Node) -> None:
        """Do what there is to do about a node. Raises what calls and the store raise.

        A node that is not as its graph says needs nothing now: the change comes by.
        """
        if not self._graph.has(node):
            return
        if not node.key:
            await self._look_for(node)
        elif node.state is State.FOREGROUND:
            await self._end_foreground(node)
        elif node.state is State.ORPHANING:
            await self._orphan(node)
        elif node.state is State.LIVING and node.owners:
            await self._judge(node)

    async def _look_for(self, node: Node) -> None:
        """Find an owner where its dependents say that it is, and have the others judged."""
        for reference in {*node.dependents.values()}:
            if reference.kind is None or await self._state_of(reference) is None:
                continue
            self._graph.find(node, reference.kind, reference.key)
        for dependent, reference in node.dependents.items():
            if dependent.state is State.LIVING and reference.kind and reference.key != node.key:
                self._attempts.add(dependent)

    async def _judge(self, node: Node) -> None:
        """Delete an object without a living owner; of another one, remove the other owners."""
        seen = await self._objects.read(node)
        if seen is None or seen.state is not State.LIVING or not seen.owners:
            return
        living, others, is_waited_for = False, set(), False
        for reference in seen.owners:
            if reference.kind is None:
                return  # Nothing is known of this one, so nothing is done.
            state = await self._state_of(reference)
            if state is State.FOREGROUND:
                is_waited_for = True
            if state in (None, State.FOREGROUND):
                others.add(reference.uid)
            else:
                living = True
        if not living:
            await self._delete(node, seen, is_waited_for=is_waited_for)
        elif others:
            await self._objects.change(seen, lambda metadata: _disown(metadata, others))

    async def _delete(self, node: Node, seen: Observed, *, is_waited_for: bool) -> None:
        if is_waited_for and node.dependents:
            if any(item.state is State.FOREGROUND for item in node.dependents):
                # It may be a circle, in which each object would wait for the next one for ever.
                seen = await self._objects.change(seen, _unblock)
            await self._objects.delete(seen, requests_pb2.PROPAGATION_POLICY_FOREGROUND)
            return
        # Named, because the default of some kinds is to orphan.
        policy = requests_pb2.PROPAGATION_POLICY_BACKGROUND
        if propagation.ORPHAN in seen.finalizers:
            policy = requests_pb2.PROPAGATION_POLICY_ORPHAN
        elif propagation.FOREGROUND in seen.finalizers:
            policy = requests_pb2.PROPAGATION_POLICY_FOREGROUND
        await self._objects.delete(seen, policy)

    async def _end_foreground(self, node: Node) -> None:
        """Let an object go that nothing blocks any more, once its other dependents were judged.

        They are deleted because it waits. Afterwards it may be there for long, with a finalizer
        of somebody else, and would keep them.
        """
        if node.blockers:
            return
        seen = await self._objects.read(node)
        if seen is None or seen.state is not State.FOREGROUND:
            return
        living = (item for item in node.dependents if item.state is State.LIVING)
        await tasks.some_at_a_time(self._judge_for_another, living, at_once=_AT_ONCE)
        await self._release(seen, propagation.FOREGROUND)

    async def _judge_for_another(self, node: Node) -> None:
        """Judge a dependent. One that must not be deleted does not hold its owner."""
        try:
            await self._judge(node)
        except (errors.Conflict, errors.Unavailable):
            raise
        except errors.ApiError as error:
            _LOG.debug("collecting: %s", error)

    async def _orphan(self, node: Node) -> None:
        """Remove an object from the owners of its dependents, and let it go."""
        seen = await self._objects.read(node)
        if seen is None or seen.state is not State.ORPHANING:
            return
        leave = functools.partial(self._leave, node.uid)
        await tasks.some_at_a_time(leave, node.dependents, at_once=_AT_ONCE)
        await self._release(seen, propagation.ORPHAN)

    async def _leave(self, uid: str, dependent: Node) -> None:
        """Remove one owner of a dependent, if it is there and has it."""
        seen = await self._objects.read(dependent)
        if seen is not None and any(reference.uid == uid for reference in seen.owners):
            await self._objects.change(seen, lambda metadata: _disown(metadata, {uid}))

    async def _release(self, seen: Observed, finalizer: str) -> None:
        def remove(metadata: Any) -> None:
            metadata.finalizers[:] = [name for name in metadata.finalizers if name != finalizer]

        await self._objects.change(seen, remove)

    async def _state_of(self, owner: Reference) -> State | None:
        """Return how far an owner is; one that cannot be read is there."""
        try:
            return await self._objects.state_of(owner)
        except errors.Damaged:
            return State.LIVING


def _disown(metadata: Any, uids: Collection[str]) -> None:
    kept = [item for item in metadata.owner_references if item.uid not in uids]
    del metadata.owner_references[:]
    metadata.owner_references.extend(kept)


def _unblock(metadata: Any) -> None:
    for item in metadata.owner_references:
        item.block_owner_deletion = False
