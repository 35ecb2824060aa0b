"""Takes objects out of the store: at once, after their finalizers, namespace and all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import namespaces

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Done, Record
    from protocube_server.verbs.api import Api

_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What a deletion did: the object's bytes afterwards, and whether it is gone."""

    value: bytes
    gone: bool


async def remove(api: Api, kind: Kind, record: Record, *, dry_run: bool = False) -> Removed:
    """Delete an object that is still at ``record``; with finalizers, ask it to go.

    A namespace is emptied first. Raises ``ConditionFailed`` when it has changed.
    """
    message = kind.parse(record.value)
    name = message.metadata.name
    holds_objects = kind is api.kinds.namespaces
    if holds_objects and name in namespaces.BUILT_IN:
        raise errors.forbidden(kind.resource.qualified, name, "this namespace may not be deleted")
    if dry_run:
        return Removed(value=kind.answer(record.value, record.mod_revision), gone=True)
    if holds_objects:
        return await _remove_namespace(api, kind, record, message)
    if not message.metadata.finalizers:
        done = await api.store.delete(record.key, expected=record.mod_revision)
        return Removed(value=kind.answer(record.value, done.revision), gone=True)
    return Removed(value=await _terminate(api, kind, record, message), gone=False)


async def _terminate(api: Api, kind: Kind, record: Record, message: Any) -> bytes:
    """Mark an object as going; doing it twice changes nothing."""
    if message.metadata.HasField("deletion_timestamp"):
        return kind.answer(record.value, record.mod_revision)
    message.metadata.deletion_timestamp.FromSeconds(int(api.now().timestamp()))
    message.metadata.deletion_grace_period_seconds = 0
    if kind.has_spec:
        message.metadata.generation += 1
    if kind is api.kinds.namespaces:
        message.status.phase = "Terminating"
    value = kind.encode(message)
    updated = await api.store.update(record.key, value, expected=record.mod_revision)
    return kind.answer(value, updated.mod_revision)


async def _remove_namespace(api: Api, kind: Kind, record: Record, message: Any) -> Removed:
    # Marked first: from then on nothing new is created in it.
    value = await _terminate(api, kind, record, message)
    done = await finish(api, message.metadata.name)
    if done is None:
        return Removed(value=value, gone=False)
    return Removed(value=kind.answer(kind.encode(message), done.revision), gone=True)


async def finish(api: Api, namespace: str) -> Done | None:
    """Remove a namespace that is being deleted, once nothing is left in it.

    Gives the removal, ``None`` when there was none: the namespace is not being
    deleted, has finalizers or is not empty. Nobody else ends a namespace, so whoever
    takes the last object out of one calls this.
    """
    kind = api.kinds.namespaces
    record = await api.store.get(kind.key("", namespace))
    if record is None:
        return None
    metadata = kind.parse(record.value).metadata
    if not metadata.HasField("deletion_timestamp"):
        return None
    if not await _empty(api, namespace) or metadata.finalizers:
        return None
    try:
        return await api.store.delete(record.key, expected=record.mod_revision)
    except ConditionFailed as changed:
        return None if changed.current is None else await finish(api, namespace)


async def _empty(api: Api, namespace: str) -> bool:
    """Delete all that is in ``namespace``; tell whether nothing is left.

    Objects with finalizers are asked to go and stay until those are removed.
    """
    left = False
    for kind in api.kinds:
        if not (kind.resource.namespaced and kind.is_stored):
            continue
        prefix, start = kind.prefix(namespace), b""
        while True:
            page = await api.store.list(prefix, start=start, limit=_PAGE)
            for record in page.records:
                left |= not await _gone(api, kind, record)
            if not page.more:
                break
            start = page.records[-1].key + b"\0"
    return not left


async def _gone(api: Api, kind: Kind, record: Record) -> bool:
    try:
        removed = await remove(api, kind, record)
    except ConditionFailed as changed:
        return changed.current is None or await _gone(api, kind, changed.current)
    return removed.gone
