"""Takes objects out of the store: at once, or marks them until others are done with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import (
    allocations,
    change_notes,
    defining,
    marking,
    once,
    owners,
    system_fields,
)
from protocube_server.verbs.answers import answer

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.definitions.changing import Change
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

    One that has something to wait for (finalizers, its grace, what is in a namespace) is marked
    as being deleted, and stays. Asking twice changes nothing more. Raises ``ConditionFailed``
    when it has changed.
    """
    kind = call.kind
    message = kind.read(record)
    if api.admission is not None:
        await api.admission.validate(call, message, None)
    goes = marking.mark(kind, message, call.request, api.now())
    change: Change | None = None
    if not goes or kind.grace is not None:
        change = await defining.marked(api, call, message)
    undo = change.undo if change is not None else None
    async with defining.decided(api, change.name if change is not None else "", undo):
        return await _remove(api, call, record, message, change, goes=goes)


async def _remove(
    api: Api, call: Call, record: Record, message: Any, change: Change | None, *, goes: bool
) -> Removed:
    """Remove an object that ``goes``, or store it as it was marked."""
    kind, uid, value = call.kind, message.metadata.uid, record.value
    if not goes or kind.grace is not None:
        held = await owners.unowned(kind, record.value, message)
        value = kind.encode(message, keeping=held)
    if call.request.dry_run:
        return Removed(value=await answer(call, value, record.mod_revision), gone=goes)
    if goes:
        done = await allocations.delete(api, call, record, message, gone=value)
        change_notes.deleted(call, record.mod_revision, done.revision)
        return Removed(value=await answer(call, value, done.revision), gone=True)
    try:
        answered = await _write(api, call, record, value, uid=uid, change=change)
    except ConditionFailed as failed:
        if failed.key == record.key or change is None:
            raise
        # The entry of a definition has changed: the whole is tried again.
        await defining.written(api, change.name)
        current = await api.store.get(record.key)
        raise ConditionFailed(key=record.key, current=current) from None
    await defining.written(api, change.name if change is not None and change.writes else "")
    return Removed(value=answered, gone=False)


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
        message.metadata.ClearField("resource_version")
        system_fields.stamp(message, api.now(), system_fields.new_uid())
        marking.mark(kind, message, call.request, api.now())
        # What was kept with it is not read either.
        value, emptied = kind.encode(message), replace(record, value=b"")
        return await _write(api, call, emptied, value, uid=message.metadata.uid)
    # A repeated call is told that it has happened: there is no object to answer with.
    done = await once.delete(api, known, record, uid="", gone=b"")
    change_notes.deleted(call, record.mod_revision, done.revision)
    return kind.remnant(record, done.revision) or b""


async def _write(
    api: Api, call: Call, record: Record, value: bytes, *, uid: str, change: Change | None = None
) -> bytes:
    """Store what is marked, if that changes anything, and return the answer."""
    known = call.once
    if value == record.value:
        await once.unchanged(api, known, record, uid=uid)
        change_notes.unchanged(call, record.mod_revision)
        return await answer(call, value, record.mod_revision)
    beside = change.writes if change is not None else ()
    updated = await once.update(api, known, record, value, uid=uid, beside=beside)
    change_notes.deleted(call, record.mod_revision, updated.mod_revision)
    return await answer(call, value, updated.mod_revision)
