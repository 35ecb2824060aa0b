"""Lets an object say that it is being deleted, as Kubernetes' ``rest.BeforeDelete`` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.verbs import namespaces, propagation

if TYPE_CHECKING:
    from datetime import datetime

    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.named.grace import Grace


def mark(kind: Kind, message: Any, request: Any, now: datetime) -> bool:
    """Mark an object as a deletion asks; tell whether it can go at once.

    ``request`` is a DeleteRequest or a DeleteCollectionRequest. What stays is marked, and what
    was marked before changes no more than its finalizers, and to a shorter grace period. An
    object of a kind with grace periods is marked when it goes, too, and is answered so.
    """
    metadata = message.metadata
    seconds = int(now.timestamp())
    if kind.is_namespace and not _mark_namespace(message, seconds):
        return False
    if kind.grace is not None and not _begin_grace(kind, kind.grace, message, request, seconds):
        return False
    propagation.settle(kind, message, request.propagation_policy)
    if kind.is_namespace and message.spec.finalizers:
        return False
    if not (metadata.finalizers or metadata.deletion_grace_period_seconds):
        return True
    if kind.grace is None and not kind.is_namespace:
        _begin(kind, message, seconds, grace=0)
    return False


def is_over(kind: Kind, old: Any, new: Any) -> bool:
    """Tell whether ``new``, which is to replace ``old``, has nothing left to wait for.

    That is so when a deletion was asked for, its grace is 0, and the last finalizer goes; those
    in the spec of a namespace stand for what is in it.
    """
    if new.metadata.finalizers or not old.metadata.HasField("deletion_timestamp"):
        return False
    if kind.is_namespace:
        return not new.spec.finalizers
    return not old.metadata.deletion_grace_period_seconds


def _mark_namespace(message: Any, seconds: int) -> bool:
    """Mark a namespace; tell whether anything but the mark can change any more.

    While it is being emptied, nothing does.
    """
    if message.metadata.HasField("deletion_timestamp"):
        return not message.spec.finalizers
    message.metadata.deletion_timestamp.FromSeconds(seconds)
    namespaces.mark_terminating(message)
    return True


def _begin_grace(kind: Kind, grace: Grace, message: Any, request: Any, seconds: int) -> bool:
    """Give an object its grace period; tell whether anything changes by that.

    One that has begun can be shortened, and while it lasts the finalizers stay as they are, too.
    """
    metadata = message.metadata
    asked = request.grace_period_seconds if request.HasField("grace_period_seconds") else None
    if not metadata.HasField("deletion_timestamp"):
        period = grace(message, asked)
        _begin(kind, message, seconds + period, grace=period)
        return True
    if not metadata.HasField("deletion_grace_period_seconds"):
        return True
    before = metadata.deletion_grace_period_seconds
    period = before if asked is None else 1 if asked < 0 else asked
    if period >= before:
        return False
    metadata.deletion_timestamp.seconds += period - before
    metadata.deletion_grace_period_seconds = period
    return True


def _begin(kind: Kind, message: Any, seconds: int, *, grace: int) -> None:
    """Mark an object whose deletion ends at ``seconds``, unless it is marked already."""
    if message.metadata.HasField("deletion_timestamp"):
        return
    message.metadata.deletion_timestamp.FromSeconds(seconds)
    message.metadata.deletion_grace_period_seconds = grace
    kind.generation.count_deletion(message)
