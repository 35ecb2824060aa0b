"""Owners and dependents, kept up to date from what happens to objects.

Only objects that have owners, are owners, or wait for the collector have a node: others cost
nothing. The graph decides nothing. It says which nodes need an attempt, and attempts look at the
store.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protocube_server.upkeep.collector.observed import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube_server.kinds.kind import Kind
    from protocube_server.upkeep.collector.observed import Observed, Reference

_MOST_ABSENT = 10_000
_WAITING = frozenset({State.FOREGROUND, State.ORPHANING})


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """An object, or one that others name as their owner and that was not found yet."""

    uid: str
    kind: Kind | None = None
    key: bytes = b""
    """Where it is; empty while that is not known."""
    state: State = State.LIVING
    owners: tuple[Reference, ...] = ()
    dependents: dict[Node, Reference] = field(default_factory=dict)
    """The objects that name it, and how."""
    blockers: int = 0
    """How many of them it is to wait for."""


class Absent:
    """Owners that are known not to exist. No object ever gets a uid that was given before."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, bytes], None] = OrderedDict()

    def add(self, uid: str, key: bytes) -> None:
        """Remember that no object with this uid is at ``key``, nor ever will be."""
        self._known[uid, key] = None
        if len(self._known) > _MOST_ABSENT:
            self._known.popitem(last=False)

    def discard(self, uid: str, key: bytes) -> None:
        """Forget what turned out otherwise."""
        self._known.pop((uid, key), None)

    def has(self, uid: str, key: bytes) -> bool:
        """Tell whether that is known."""
        return (uid, key) in self._known


class Graph:
    """The nodes. ``attempt`` is called with each that something may have to be done about."""

    def __init__(self, attempt: Callable[[Node], None]) -> None:
        self.absent = Absent()
        self._attempt = attempt
        self._by_uid: dict[str, Node] = {}
        self._by_key: dict[bytes, Node] = {}

    def __len__(self) -> int:
        """Return how many nodes there are."""
        return len(self._by_uid)

    def has(self, node: Node) -> bool:
        """Tell whether a node is still part of the graph."""
        return self._by_uid.get(node.uid) is node

    def knows(self, uid: str) -> bool:
        """Tell whether the object with this uid has a node."""
        return uid in self._by_uid

    def put(self, seen: Observed) -> None:
        """Take in an object as it is now."""
        other = self._by_key.get(seen.record.key)
        if other is not None and other.uid != seen.uid:
            self.remove(other.uid, seen.record.key)
        node = self._by_uid.get(seen.uid)
        if node is None:
            if not seen.owners and seen.state not in _WAITING:
                return
            node = self._by_uid[seen.uid] = Node(uid=seen.uid)
        self.absent.discard(seen.uid, seen.record.key)
        self.find(node, seen.kind, seen.record.key)
        before, node.state = node.state, seen.state
        self._refer(node, seen.owners)
        if node.state is not before and node.state in _WAITING:
            self._attempt(node)
            if node.state is State.FOREGROUND:
                for dependent in node.dependents:
                    self._attempt(dependent)
        self._drop_if_idle(node)

    def remove(self, uid: str, key: bytes) -> None:
        """Take in that the object with this uid is at ``key`` no more."""
        node = self._by_uid.get(uid)
        if node is None or node.key not in (b"", key):
            return
        self.absent.add(uid, key)
        self._by_key.pop(key, None)
        node.key, node.kind, node.state = b"", None, State.LIVING
        self._refer(node, ())
        for dependent in node.dependents:
            self._attempt(dependent)
        self._drop_if_idle(node)

    def find(self, node: Node, kind: Kind, key: bytes) -> None:
        """Take in where an object is, unless it is known to be gone from there."""
        if node.key == key or self.absent.has(node.uid, key):
            return
        self._by_key.pop(node.key, None)
        node.kind, node.key = kind, key
        self._by_key[key] = node
        for dependent, reference in node.dependents.items():
            if reference.key != key:
                self._attempt(dependent)

    def _refer(self, node: Node, owners: tuple[Reference, ...]) -> None:
        """Let a node have these owners, and no others."""
        if node.owners == owners:
            return
        before = {reference.uid: reference for reference in node.owners}
        now = {reference.uid: reference for reference in owners}
        node.owners = owners
        for uid in before.keys() - now.keys():
            self._release(self._by_uid[uid], node)
        for uid, reference in now.items():
            if reference != before.get(uid):
                self._hold(uid, node, reference)
        if before and now:
            self._attempt(node)  # What was no reason to delete it may have been the last one.

    def _hold(self, uid: str, node: Node, reference: Reference) -> None:
        """Let the object with this uid be an owner of a node."""
        owner = self._by_uid.get(uid)
        if owner is None:
            owner = self._by_uid[uid] = Node(uid=uid)
        self._count(owner, node, owner.dependents.get(node), reference)
        owner.dependents[node] = reference
        if not owner.key:
            self._attempt(owner)
        elif owner.key != reference.key or owner.state is State.FOREGROUND:
            self._attempt(node)

    def _release(self, owner: Node, node: Node) -> None:
        """Let an owner of a node be none any more."""
        self._count(owner, node, owner.dependents.pop(node), None)
        self._drop_if_idle(owner)

    def _count(
        self, owner: Node, node: Node, before: Reference | None, now: Reference | None
    ) -> None:
        """Count whom an owner waits for, when a node names it in another way than before."""
        difference = _blocks(owner, node, now) - _blocks(owner, node, before)
        owner.blockers += difference
        if difference < 0 and not owner.blockers and owner.state is State.FOREGROUND:
            self._attempt(owner)

    def _drop_if_idle(self, node: Node) -> None:
        """Drop a node that nothing depends on, and that depends on nothing."""
        if not (node.dependents or node.owners or node.state in _WAITING) and self.has(node):
            del self._by_uid[node.uid]
            self._by_key.pop(node.key, None)


def _blocks(owner: Node, node: Node, reference: Reference | None) -> bool:
    """Tell whether an owner waits for a node that names it so.

    None waits for itself, nor for what can never be collected.
    """
    if reference is None or owner is node:
        return False
    return reference.blocks and reference.kind is not None
