"""Takes objects out of the store: at once, or marks them until others are done with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.verbs import namespaces, once, propagation, system_fields

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.calls.once import Once
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What a deletion did: the object's bytes afterwards, and whether it is gone."""

    value: bytes
    gone: bool


async def remove(api: Api, call: Call, record: Record) -> Removed:
    """Delete an object of the call's kind, as the call asks, that is still at ``record``.

    One with finalizers is marked as being deleted, and stays, and so does every namespace:
    ``upkeep`` empties it and removes it then. Raises ``ConditionFailed`` when it has changed.
    """
    kind = call.kind
    message = kind.read(record)
    namespaces.require_removable(kind, message.metadata.name)
    if api.admission is not None:
        await api.admission.validate(call, message, None)
    if call.request.dry_run:
        return _tried(api, kind, record, message)
    return await _remove(api, kind, record, message, call.once)


def is_damaged(kind: Kind, record: Record) -> bool:
    """Tell whether a record cannot be read."""
    try:
        kind.read(record)
    except errors.Damaged:
        return True
    return False


async def discard(api: Api, call: Call, record: Record) -> bytes:
    """Take out a damaged object as it is, still at ``record``, and return what is known of it.

    A namespace has to be emptied: it is made anew for that, as one that is being deleted.
    Raises ``ConditionFailed`` when it has changed.
    """
    kind, known = call.kind, call.once
    names = kind.remnant(record, record.mod_revision)
    if kind.is_namespace and names is not None:
        message: Any = kind.resource.message_class.FromString(names)
        namespaces.require_removable(kind, message.metadata.name)
        message.metadata.ClearField("resource_version")
        system_fields.stamp(message, api.now(), system_fields.new_uid())
        # What was kept with it is not read either.
        return await _terminate(api, kind, replace(record, value=b""), message, known)
    # A repeated call is told that it has happened: there is no object to answer with.
    done = await once.delete(api, known, record, uid="", gone=b"")
    return kind.remnant(record, done.revision) or b""


def _tried(api: Api, kind: Kind, record: Record, message: Any) -> Removed:
    """Return what a deletion would do, without doing it."""
    propagation.settle(message)
    if not (kind.is_namespace or message.metadata.finalizers):
        return Removed(value=kind.answer(record.value, record.mod_revision), gone=True)
    _mark(api, kind, message)
    value = kind.encode(message, replaces=record.value)
    return Removed(value=kind.answer(value, record.mod_revision), gone=False)


async def _remove(
    api: Api, kind: Kind, record: Record, message: Any, known: Once | None
) -> Removed:
    propagation.settle(message)
    if kind.is_namespace or message.metadata.finalizers:
        return Removed(value=await _terminate(api, kind, record, message, known), gone=False)
    uid = message.metadata.uid
    done = await once.delete(api, known, record, uid=uid, gone=record.value)
    return Removed(value=kind.answer(record.value, done.revision), gone=True)


async def _terminate(
    api: Api, kind: Kind, record: Record, message: Any, known: Once | None
) -> bytes:
    """Mark an object as going; doing it twice changes nothing but the finalizers."""
    uid = message.metadata.uid
    _mark(api, kind, message)
    value = kind.encode(message, replaces=record.value)
    if value == record.value:
        await once.unchanged(api, known, record, uid=uid)
        return kind.answer(value, record.mod_revision)
    updated = await once.update(api, known, record, value, uid=uid)
    return kind.answer(value, updated.mod_revision)


def _mark(api: Api, kind: Kind, message: Any) -> None:
    """Let an object say that it is being deleted, if it does not say so yet."""
    if message.metadata.HasField("deletion_timestamp"):
        return
    message.metadata.deletion_timestamp.FromSeconds(int(api.now().timestamp()))
    if kind.has_spec:
        message.metadata.generation += 1
    if kind.is_namespace:
        namespaces.mark_terminating(message)
    else:
        message.metadata.deletion_grace_period_seconds = 0
