"""Update and UpdateStatus: replace an object that has not changed since it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.kinds import violations
from protocube_server.storage.base import ConditionFailed, Record
from protocube_server.verbs import get, objects, removal, requests, versions

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.verbs.api import Api, Call

_MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


async def update(api: Api, kind: Kind, raw: bytes, call: Call) -> bytes:
    """Answer an UpdateXRequest; the status stays as it is where it has a method of its own."""
    request = requests.parse_write(kind, kind.resource.update_request_class, raw, call)
    current, old = await _current(api, kind, request.object)
    new = request.object
    objects.keep(old, new)
    if kind.has_status:
        objects.replace(new, old, "status")
    added = [name for name in new.metadata.finalizers if name not in old.metadata.finalizers]
    if new.metadata.HasField("deletion_timestamp") and added:
        why = (
            "no new finalizers can be added if the object is being deleted, "
            f"found new finalizers {added}"
        )
        raise errors.forbidden(kind.resource.qualified, new.metadata.name, why)
    kind.defaults.apply(new)
    kind.update_defaults.apply(old, new)
    if kind.has_spec and new.spec != old.spec:
        new.metadata.generation = old.metadata.generation + 1
    return await _write(api, kind, current, old, request)


async def update_status(api: Api, kind: Kind, raw: bytes, call: Call) -> bytes:
    """Answer an UpdateXRequest by replacing the status and nothing else."""
    request = requests.parse_write(kind, kind.resource.update_request_class, raw, call)
    current, old = await _current(api, kind, request.object)
    status = type(old)()
    objects.replace(status, request.object, "status")
    request.object.CopyFrom(old)
    objects.replace(request.object, status, "status")
    kind.defaults.apply(request.object)
    return await _write(api, kind, current, old, request)


async def _current(api: Api, kind: Kind, claimed: Any) -> tuple[Record, Any]:
    """Read what is to be replaced, and hold the request's preconditions against it."""
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
    old = kind.parse(record.value)
    if claimed.metadata.uid and claimed.metadata.uid != old.metadata.uid:
        why = (
            f"Precondition failed: UID in precondition: {claimed.metadata.uid}, "
            f"UID in object meta: {old.metadata.uid}"
        )
        raise errors.conflict(resource.qualified, name, why)
    if record.mod_revision != asked:
        raise errors.conflict(resource.qualified, name, _MODIFIED)
    return record, old


async def _write(api: Api, kind: Kind, current: Record, old: Any, request: Any) -> bytes:
    new = request.object
    new.metadata.ClearField("resource_version")
    kind.validation.check_update(old, new)
    value = kind.encode(new)
    requests.check_size(kind, value, new.metadata.name, api.limits)
    if value == current.value:
        # A write that changes nothing is none: no revision, no event.
        return kind.answer(value, current.mod_revision)
    if request.dry_run:
        return kind.answer(value, current.mod_revision)
    last = new.metadata.HasField("deletion_timestamp") and not new.metadata.finalizers
    holds_objects = kind is api.kinds.namespaces
    try:
        if last and not holds_objects:
            done = await api.store.delete(current.key, expected=current.mod_revision)
            if kind.resource.namespaced:
                await removal.finish(api, new.metadata.namespace)
            return kind.answer(value, done.revision)
        record = await api.store.update(current.key, value, expected=current.mod_revision)
    except ConditionFailed as failed:
        if failed.current is None:
            raise errors.not_found(kind.resource.qualified, new.metadata.name) from None
        raise errors.conflict(kind.resource.qualified, new.metadata.name, _MODIFIED) from None
    if last and holds_objects:
        # What is still in it has finalizers of its own, and takes it along in the end.
        finished = await removal.finish(api, new.metadata.name)
        if finished is not None:
            return kind.answer(value, finished.revision)
    return kind.answer(value, record.mod_revision)
