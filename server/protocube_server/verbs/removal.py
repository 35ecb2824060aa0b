"""Takes objects out of the store: at once, after their finalizers, namespace and all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import namespaces, propagation, system_fields

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Done, Record
    from protocube_server.verbs.api import Api

_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What a deletion did: the object's bytes afterwards, and whether it is gone."""

    value: bytes
    gone: bool


async def remove(api: Api, call: Call, record: Record) -> Removed:
    """Delete an object of the call's kind, as the call asks, that is still at ``record``.

    One with finalizers is marked as being deleted, and stays. A namespace is emptied first.
    Raises ``ConditionFailed`` when it has changed.
    """
    kind = call.kind
    message = kind.read(record)
    namespaces.require_removable(kind, message.metadata.name)
    if api.admission is not None:
        await api.admission.validate(call, message, None)
    if call.request.dry_run:
        return Removed(value=kind.answer(record.value, record.mod_revision), gone=True)
    return await _remove(api, kind, record, message)


def is_damaged(kind: Kind, record: Record) -> bool:
    """Tell whether a record cannot be read."""
    try:
        kind.read(record)
    except errors.Damaged:
        return True
    return False


async def discard(api: Api, kind: Kind, record: Record) -> bytes:
    """Take out a damaged object as it is, still at ``record``, and return what is known of it.

    A namespace is emptied first: it is made anew for that, as one that is being deleted.
    Raises ``ConditionFailed`` when it has changed.
    """
    names = kind.remnant(record, record.mod_revision)
    if kind.is_namespace and names is not None:
        message: Any = kind.resource.message_class.FromString(names)
        namespaces.require_removable(kind, message.metadata.name)
        message.metadata.ClearField("resource_version")
        system_fields.stamp(message, api.now(), system_fields.new_uid())
        return (await _remove_namespace(api, kind, record, message)).value
    done = await api.store.delete(record.key, expected=record.mod_revision)
    return kind.remnant(record, done.revision) or b""


async def _remove(api: Api, kind: Kind, record: Record, message: Any) -> Removed:
    propagation.settle(message)
    if kind.is_namespace:
        return await _remove_namespace(api, kind, record, message)
    if not message.metadata.finalizers:
        done = await api.store.delete(record.key, expected=record.mod_revision)
        return Removed(value=kind.answer(record.value, done.revision), gone=True)
    return Removed(value=await _terminate(api, kind, record, message), gone=False)


async def _terminate(api: Api, kind: Kind, record: Record, message: Any) -> bytes:
    """Mark an object as going; doing it twice changes nothing but the finalizers."""
    if not message.metadata.HasField("deletion_timestamp"):
        message.metadata.deletion_timestamp.FromSeconds(int(api.now().timestamp()))
        message.metadata.deletion_grace_period_seconds = 0
        if kind.has_spec:
            message.metadata.generation += 1
        namespaces.mark_terminating(kind, message)
    value = kind.encode(message, replaces=record.value)
    if value == record.value:
        return kind.answer(value, record.mod_revision)
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

    Returns the removal, ``None`` when there was none: the namespace is not being
    deleted, has finalizers or is not empty. No other code ends a namespace, so every verb
    that takes an object out of one calls this.
    """
    kind = api.editions.current.kinds.namespaces
    record = await api.store.get(kind.key("", namespace))
    if record is None:
        return None
    if is_damaged(kind, record):
        return None  # Whether it is being deleted is not known.
    metadata = kind.read(record).metadata
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
    for kind in api.editions.current.kinds:
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
        if is_damaged(kind, record):
            await api.store.delete(record.key, expected=record.mod_revision)
            return True  # Else its namespace could never end.
        removed = await _remove(api, kind, record, kind.read(record))
    except ConditionFailed as changed:
        return changed.current is None or await _gone(api, kind, changed.current)
    return removed.gone
