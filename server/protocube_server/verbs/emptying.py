"""Takes everything out of a namespace that is being deleted, as far as that goes.

As in Kubernetes pods go first, and while one is left (it has a finalizer, or its grace is not
over) nothing else goes: what they run may still need its volumes, its secrets and the network
policies that confine it.
"""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server import tasks
from protocube_server.calls.call import Call
from protocube_server.calls.user import SYSTEM
from protocube_server.calls.verb import Target
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import methods, removal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube_server.kinds.edition import Edition
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api

_PAGE = 100
_AT_ONCE = 16
"""Objects that are removed together. Each is parsed first, which keeps others waiting."""
_MOST_FAULTS = 10
"""Faults that are told of one namespace; the others are counted."""
_PODS = "protocube.core.v1.Pod"


@dataclass(slots=True, kw_only=True)
class Left:
    """What is left in a namespace: objects that have finalizers, and what could not be done."""

    objects: Counter[str] = field(default_factory=Counter)
    """How many of each kind, by ``plural.group``; the point is there without a group, too."""
    finalizers: Counter[str] = field(default_factory=Counter)
    """How many objects have each."""
    faults: list[str] = field(default_factory=list)
    """Why objects could not be deleted, a few of them."""
    failed: int = 0
    """How many could not be."""
    is_untold: bool = False
    """Whether others wait for these objects, and conditions say nothing of them."""
    since: dict[bytes, int] = field(default_factory=dict)
    """The storage prefixes below which something is left, each with a revision before which
    its changes were seen."""

    def __bool__(self) -> bool:
        return bool(self.objects or self.failed)

    def fail(self, why: str) -> None:
        """Note that something could not be deleted."""
        self.failed += 1
        if self.failed <= _MOST_FAULTS:
            self.faults.append(why)


async def empty(api: Api, namespace: str) -> Left:
    """Delete all that is in ``namespace``, and return what is left.

    Objects with finalizers are marked, and stay until those are removed. One that cannot be
    deleted does not hold up the others, unless it is a pod. Raises ``errors.Unavailable``
    without a store.
    """
    if api.definitions is not None:
        # Objects of a kind that another server has defined just now have to go, too.
        await api.definitions.current()
    edition = api.editions.current
    left = Left()
    pods, others = _in_order(edition.kinds)
    for kind in pods:
        await _empty_of(api, edition, kind, namespace, left)
    if left:
        left.is_untold = True
        return left
    for kind in others:
        await _empty_of(api, edition, kind, namespace, left)
    return left


def _in_order(kinds: Iterable[Kind]) -> tuple[list[Kind], list[Kind]]:
    """Return the kinds that go first, and those that go afterwards."""
    stored = [kind for kind in kinds if kind.resource.namespaced and kind.is_stored]
    pods = [kind for kind in stored if kind.resource.message == _PODS]
    return pods, [kind for kind in stored if kind not in pods]


async def _empty_of(api: Api, edition: Edition, kind: Kind, namespace: str, left: Left) -> None:
    prefix, start = kind.prefix(namespace), b""
    revision = 0
    while True:
        try:
            page = await api.store.list(prefix, start=start, limit=_PAGE)
        except errors.Unavailable:
            raise
        except errors.ApiError as error:
            left.fail(str(error))
            return
        revision = revision or page.revision
        remove = functools.partial(_remove, api, edition, kind, left)
        if any(await tasks.some_at_a_time(remove, page.records, at_once=_AT_ONCE)):
            left.since[prefix] = revision
        if not page.more:
            break
        start = page.records[-1].key + b"\0"


async def _remove(api: Api, edition: Edition, kind: Kind, left: Left, record: Record) -> bool:
    """Remove one object, or note why it stays; tell whether it does."""
    current: Record | None = record
    call = call_for(edition, kind, record)
    while current is not None:
        try:
            if removal.is_damaged(kind, current):
                # What cannot be read has no finalizers to wait for; its namespace has to end.
                await removal.discard(api, call, current)
                return False
            removed = await removal.remove(api, call, current)
        except ConditionFailed as changed:
            current = changed.current
            continue
        except errors.Unavailable:
            raise
        except errors.ApiError as error:
            left.fail(str(error))
            return True
        if not removed.gone:
            left.objects[f"{kind.resource.plural}.{kind.resource.group}"] += 1
            left.finalizers.update(set(kind.parse(removed.value).metadata.finalizers))
            return True
        break
    return False


def call_for(edition: Edition, kind: Kind, record: Record) -> Call:
    """Return the call by which the server deletes an object of its own accord."""
    names = record.key[len(kind.prefix()) :].decode(errors="replace")
    namespace, _, name = names.rpartition("/")
    return Call(
        user=SYSTEM,
        edition=edition,
        kind=kind,
        verb=methods.METHODS["Delete"].verb,
        raw=b"",
        request=requests_pb2.DeleteRequest(
            name=name,
            namespace=namespace,
            propagation_policy=requests_pb2.PROPAGATION_POLICY_BACKGROUND,
        ),
        target=Target(namespace, name),
    )
