"""Replacing a stored object: what every verb that changes one has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.kinds import violations
from protocube_server.storage.base import ConditionFailed, Record
from protocube_server.verbs import get, once, requests, versions

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.verbs.api import Api

_MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


async def current(api: Api, kind: Kind, claimed: Any) -> tuple[Record, Any]:
    """Read what ``claimed`` is to replace, and hold its preconditions against it.

    Returns it as it is stored and as a message. Raises ``errors.NotFound``,
    ``errors.Invalid`` without a resource version, ``errors.Conflict`` with another one, and
    ``errors.Damaged`` when what is stored cannot be read.
    """
    name = claimed.metadata.name
    get.require_name(name)
    resource = kind.resource
    asked = versions.parse(
        claimed.metadata.resource_version,
        field="metadata.resourceVersion",
        kind=resource.qualified_kind,
    )
    record = await api.store.get(kind.key(claimed.metadata.namespace, name))
    if record is None:
        raise errors.not_found(resource.qualified, name)
    if not asked:
        text = "must be specified for an update"
        fault = violations.invalid(
            "metadata.resourceVersion", claimed.metadata.resource_version, text
        )
        raise errors.invalid(resource.qualified_kind, name, [fault])
    old = kind.read(record)
    if claimed.metadata.uid and claimed.metadata.uid != old.metadata.uid:
        why = (
            f"Precondition failed: UID in precondition: {claimed.metadata.uid}, "
            f"UID in object meta: {old.metadata.uid}"
        )
        raise errors.conflict(resource.qualified, name, why)
    if record.mod_revision != asked:
        raise errors.conflict(resource.qualified, name, _MODIFIED)
    return record, old


async def write(
    api: Api, call: Call, current: Record, old: Any, new: Any, *, is_checked: bool = False
) -> bytes:
    """Write ``new`` in place of ``old``, stored as ``current``, and return the answer.

    ``old`` has its defaults. ``is_checked`` is for what is valid whatever the rules say.

    What changes nothing writes nothing. An object that is being deleted, and has lost its
    last finalizer, goes; a namespace goes when ``upkeep`` has emptied it. Raises
    ``errors.Invalid``, and ``errors.Conflict`` when the object was written meanwhile.
    """
    kind = call.kind
    new.metadata.ClearField("resource_version")
    if not is_checked:
        await kind.validation.check_update_in_turns(old, new)
    if api.admission is not None:
        await api.admission.validate(call, old, new)
    value = kind.encode(new, replaces=current.value)
    if not is_checked:
        requests.check_size(kind, value, new.metadata.name, api.limits)
    if call.request.dry_run:
        return kind.answer(value, current.mod_revision)
    uid = old.metadata.uid
    last = new.metadata.HasField("deletion_timestamp") and not new.metadata.finalizers
    try:
        if value == current.value:
            # A write that changes nothing is none: no revision, no event.
            await once.unchanged(api, call.once, current, uid=uid)
            return kind.answer(value, current.mod_revision)
        if last and not kind.is_namespace:
            done = await once.delete(api, call.once, current, uid=uid, gone=value)
            return kind.answer(value, done.revision)
        record = await once.update(api, call.once, current, value, uid=uid)
    except ConditionFailed as failed:
        if failed.current is None:
            raise errors.not_found(kind.resource.qualified, new.metadata.name) from None
        raise errors.conflict(kind.resource.qualified, new.metadata.name, _MODIFIED) from None
    return kind.answer(value, record.mod_revision)
