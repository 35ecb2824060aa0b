"""Apply: an object gets what one of its managers wants, and loses what that one wanted before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from protocube import errors
from protocube.manifests import decode, encode
from protocube_server import turns
from protocube_server.kinds import violations
from protocube_server.kinds.ownership import conflicts, managers
from protocube_server.kinds.ownership.entries import Operation
from protocube_server.verbs import (
    configurations,
    last_applied,
    owners,
    replacement,
    requests,
    subresources,
    versions,
)
from protocube_server.verbs.configurations import Form
from protocube_server.verbs.create import create_object
from protocube_server.verbs.patch import TRIES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from protocube.manifests.report import Report
    from protocube.steps import Steps
    from protocube_server.calls.call import Call
    from protocube_server.kinds.ownership.conflicts import Conflict
    from protocube_server.kinds.ownership.managers import Applied
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.configurations import Configuration
    from protocube_server.verbs.subresources import Part

T = TypeVar("T")

_NO_MANAGER: Final = "is required for apply patch"


async def apply(api: Api, call: Call) -> bytes:
    """Answer an ApplyXRequest with the object as it is then; create one that is missing.

    It is done anew when another write was faster. Raises ``errors.Conflict`` for fields that
    others own, with all of them and their owners, unless the request takes them by force.
    """
    part = subresources.named(call)
    wanted = await configuration(call, Form.of(call.kind))
    kind = call.kind
    namespace, name = call.target
    told = len(call.warnings)
    for left in reversed(range(TRIES)):
        del call.warnings[told:]
        record = await api.store.get(kind.key(namespace, name))
        try:
            if record is not None:
                return await _update(api, call, record, wanted, part)
            return await _create(api, call, wanted)
        except errors.NotFound:
            # An object that was deleted meanwhile is created, unless it is the namespace that is
            # missing, or the version that was named.
            if not left or record is None or wanted.resource_version:
                raise
        except (errors.Conflict, errors.AlreadyExists) as error:
            # Fields of others stay theirs; a version that the manager names is a condition.
            if not left or error.violations or wanted.resource_version or _is_going(error):
                raise
    raise AssertionError("unreachable: the last try returns or raises")


async def configuration(call: Call, form: Form) -> Configuration:
    """Return what the manager of a request wants. Raises as :func:`configurations.read`.

    Without a manager, and for a name that is none, it raises ``errors.Invalid``.
    """
    if not call.request.field_manager:
        raise owners.refused(call, violations.required("fieldManager", _NO_MANAGER))
    owners.require_name(call, call.request.field_manager)
    return await configurations.read(call, form)


def _is_going(error: errors.ApiError) -> bool:
    return isinstance(error, errors.AlreadyExists) and "being deleted" in error.message


async def _update(api: Api, call: Call, record: Record, wanted: Configuration, part: Part) -> bytes:
    kind = call.kind
    old = kind.read(record)
    require_version(call, record, wanted)
    stored = await turns.returned(kind.owners.entries(record.value))
    live = await turns.returned(encode.steps(await replacement.filled(kind, old)))
    applied = await _applied(call, stored, live, wanted, now=api.now())
    new = type(old)()
    report = await _decoded(call, applied.data if applied.is_changed else live, new)
    new.metadata.uid = wanted.uid or old.metadata.uid
    await requests.require_expressible(call, new)
    claims = owners.Claims(call, applied.entries)
    return await replacement.replace(
        api, call, record, old, new, part, report.violations, owners=claims
    )


async def _create(api: Api, call: Call, wanted: Configuration) -> bytes:
    kind = call.kind
    if owners.subresource(call):
        raise errors.not_found(kind.resource.qualified, call.target.name)
    if wanted.uid:
        why = (
            f"uid mismatch: the provided object specified uid {wanted.uid}, "
            "and no existing object was found"
        )
        raise errors.conflict(kind.resource.qualified, call.target.name, why)
    # The time of its owner is that of its birth.
    now = api.now()
    applied = await _applied(call, (), {}, wanted, now=now)
    message = kind.resource.message_class()
    await _decoded(call, applied.data, message)
    await requests.require_expressible(call, message)
    # Each try begins with what was asked for.
    asked = call.request
    call.request = type(asked)()
    call.request.CopyFrom(asked)
    call.request.object.CopyFrom(message)
    try:
        return await create_object(api, call, owners.Claims(call, applied.entries), now=now)
    finally:
        call.request = asked


async def _applied(
    call: Call, stored: managers.Entries, live: Any, wanted: Configuration, *, now: datetime
) -> Applied:
    by = owners.writer(call, Operation.APPLY)
    write = managers.Write(owner=by, versions=owners.versions(call, by), now=int(now.timestamp()))
    force, config = call.request.force, wanted.data
    try:
        applied = await turns.returned(managers.apply(stored, live, config, write, force=force))
    except conflicts.ConflictsFound as found:
        await _require_none_left(call, found.conflicts, live, write)
        applied = await turns.returned(managers.apply(stored, live, config, write, force=True))
    if by.manager == last_applied.MANAGER:
        data = last_applied.renewed(applied.data if applied.is_changed else live, config)
        applied = replace(applied, data=data, is_changed=True)
    return applied


async def _require_none_left(
    call: Call, found: Sequence[Conflict], live: Any, write: managers.Write
) -> None:
    """Raise ``errors.Conflict`` unless kubectl has set all of these fields itself, without us."""
    if write.owner.manager == last_applied.MANAGER:
        version = write.owner.api_version
        schema = write.versions[version].schema
        found = await turns.returned(last_applied.remaining(schema, version, live, found))
    if found:
        raise _refusal(call, found)


async def claimed(call: Call, steps: Steps[T]) -> T:
    """Return what ``steps`` returns, which claim fields for the manager of a call.

    Raises ``errors.Conflict`` with the fields that others own.
    """
    try:
        return await turns.returned(steps)
    except conflicts.ConflictsFound as found:
        raise _refusal(call, found.conflicts) from None


def _refusal(call: Call, found: Sequence[Conflict]) -> errors.Conflict:
    return errors.Conflict(
        conflicts.message(found),
        resource=call.kind.resource.qualified,
        name=call.target.name,
        violations=conflicts.causes(found),
    )


def require_version(call: Call, record: Record, wanted: Configuration) -> None:
    """Raise ``errors.Conflict`` when the configuration is for another version."""
    kind = call.kind.resource.qualified_kind
    asked = versions.parse(wanted.resource_version, field="metadata.resourceVersion", kind=kind)
    if asked:
        replacement.require_version(call.kind, record, call.target.name, wanted.resource_version)


async def _decoded(call: Call, data: dict[str, Any], message: Any) -> Report:
    """Decode data into a message. Raises ``errors.BadRequest`` for values of another type."""
    report = await turns.returned(decode.steps(data, message))
    if report.faults:
        kind = call.kind.resource.kind
        raise errors.BadRequest(f"the configuration is no {kind}: {report.faults[0].message}")
    return report
