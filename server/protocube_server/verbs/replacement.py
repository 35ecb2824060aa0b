"""Replacing a stored object: what every verb that changes one has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from protocube import errors
from protocube_server import turns
from protocube_server.kinds import kept, violations
from protocube_server.storage.base import ConditionFailed, GuardFailed, Record
from protocube_server.verbs import (
    admitting,
    allocations,
    change_notes,
    defining,
    finalizers,
    marking,
    namespaces,
    once,
    owner_references,
    requests,
    system_fields,
    versions,
)
from protocube_server.verbs.answers import answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Put
    from protocube_server.verbs.allocations import Plan
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.subresources import Part


class FindOwners(Protocol):
    """Tells what to keep with ``new``, which a write makes of ``old``, stored as ``value``."""

    async def __call__(self, value: bytes, old: Any, new: Any, *, is_same: bool) -> bytes:
        """Return it. ``is_same`` tells that the object stays as it is stored."""
        ...


_MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


def require_version(kind: Kind, record: Record, name: str, version: str) -> None:
    """Hold the resource version that a write is meant for against what is stored.

    Raises ``errors.Conflict`` for another one, and ``errors.Invalid`` for none where the kind
    asks for it.
    """
    resource = kind.resource
    asked = versions.parse(version, field="metadata.resourceVersion", kind=resource.qualified_kind)
    if not asked and not resource.options.unconditional_update:
        # Kubernetes names the resource here, and prints its number for none.
        fault = violations.invalid("metadata.resourceVersion", 0, "must be specified for an update")
        raise errors.invalid(resource.qualified, name, [fault])
    if asked and record.mod_revision != asked:
        raise errors.conflict(resource.qualified, name, _MODIFIED)


def require_uid(kind: Kind, name: str, uid: str, found: str) -> None:
    """Raise ``errors.Conflict`` unless an object has the uid that a write is for, if it says one.

    ``found`` is that of the object, ``""`` when there is none.
    """
    if uid and uid != found:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {found}"
        raise errors.conflict(kind.resource.qualified, name, why)


async def replace(
    api: Api,
    call: Call,
    current: Record,
    old: Any,
    new: Any,
    part: Part,
    faults: Iterable[errors.Violation] = (),
    *,
    owners: FindOwners,
) -> bytes:
    """Make ``new`` of the object ``old``, stored as ``current``, and return the answer.

    ``new`` is as the caller wants it, who writes a ``part`` of it.
    ``faults`` are known already, and told with those that are found. Raises as :func:`write`.
    """
    kind = call.kind
    known = [*faults, *_keep(call, old, new, part)]
    # What an earlier release stored has not all of today's defaults, and means them.
    before = await filled(kind, old)
    known += finalizers.added(old, new)
    if not known and finalizers.are_all_that_goes(old, before, new):
        less = finalizers.without(old, new)
        return await write(api, call, current, before, less, owners=owners, is_valid=True)
    await turns.taken(kind.defaults.filling(new))
    await turns.taken(kind.update_defaults.filling(before, new))
    asked = await admitting.mutate(api, call, before, new)
    if call.is_reshaped:
        beside = [*_keep(call, before, new, part), *finalizers.added(old, new)]
        known += [fault for fault in beside if fault not in known]
    namespaces.label(kind, new)
    kind.generation.keep(before, new)
    if part.is_counted:
        kind.generation.count(before, new)
    if asked is not None:
        # What is labelled and counted is no change of admission's.
        namespaces.label(kind, asked)
        kind.generation.copy(new, asked)
    tells = part.is_counted and kind.generation.has_changed(before, new)
    told = len(call.warnings)

    async def write_planned(plan: Plan) -> bytes:
        del call.warnings[told:]
        return await write(
            api, call, current, before, new, known, owners=owners, plan=plan, tells=tells
        )

    if not part.is_given:
        return await write_planned(allocations.filled(asked, new))
    return await allocations.writing(api, call, before, new, write_planned, asked=asked)


def _keep(call: Call, old: Any, new: Any, part: Part) -> list[errors.Violation]:
    """Leave in ``new`` what a write of a ``part`` does not change; return what it may not."""
    faults = list(system_fields.changed(old, new))
    system_fields.keep(old, new)
    part.keep(call.kind, old, new)
    owner_references.settle(call, new)
    return faults


async def filled(kind: Kind, old: Any) -> Any:
    """Return a copy of a stored object that has today's defaults."""
    copy = type(old)()
    copy.CopyFrom(old)
    await turns.taken(kind.defaults.filling(copy))
    return copy


async def write(
    api: Api,
    call: Call,
    current: Record,
    old: Any,
    new: Any,
    faults: Iterable[errors.Violation] = (),
    *,
    owners: FindOwners,
    is_valid: bool = False,
    plan: Plan = allocations.NOTHING,
    tells: bool = False,
) -> bytes:
    """Write ``new`` in place of ``old``, stored as ``current``, and return the answer.

    ``old`` has its defaults. ``owners`` tells what to keep with the object. ``is_valid`` is for
    what may be written whatever the rules say. A ``plan`` is what the object is given. A write
    that ``tells`` warns of what is in ``new``.

    What changes nothing writes nothing. An object that is being deleted, and has nothing left
    to wait for, goes; the answer is then what was to replace it, at the version that was the
    last in the store. Raises ``errors.Invalid``, and ``errors.Conflict`` when the object was
    written meanwhile.
    """
    kind = call.kind
    new.metadata.ClearField("resource_version")
    if not is_valid:
        await kind.validation.check_update_in_turns(old, new, faults)
    await _accept(api, call, old, new, tells=tells)
    plan = await defining.planned(api, call, current, old, new, plan)
    async with defining.decided(api, plan.definition, plan.undo):
        return await _stored(
            api, call, current, old, new, owners=owners, is_valid=is_valid, plan=plan
        )


async def _stored(
    api: Api,
    call: Call,
    current: Record,
    old: Any,
    new: Any,
    *,
    owners: FindOwners,
    is_valid: bool,
    plan: Plan,
) -> bytes:
    """Store an object that was accepted; see :func:`write`."""
    kind = call.kind
    body = kind.encode(new)
    is_same = body == kept.message(current.value)
    held = await owners(current.value, old, plan.wanted(new), is_same=is_same)
    held = await plan.owned(kind, held, new, is_same=is_same)
    value = kept.with_message(held, body)
    if not is_valid:
        requests.check_size(kind, value, new.metadata.name, api.limits)
    if call.request.dry_run:
        await admitting.check_quota(api, call, old, new)
        return await answer(call, value, current.mod_revision)
    uid = old.metadata.uid

    async def put(charges: Sequence[Put]) -> Record:
        beside, guards = (*plan.writes, *charges), defining.guards(call)
        return await once.update(
            api, call.once, current, value, uid=uid, guards=guards, beside=beside
        )

    try:
        if marking.is_over(kind, old, new):
            at = current.mod_revision
            done = await allocations.delete(api, call, current, old, gone=value, revision=at)
            change_notes.deleted(call, at, done.revision)
            return await answer(call, value, at)
        if value == current.value and not plan.writes and not current.stale:
            # A write that changes nothing is none: no revision, no event. What is sealed with an
            # older key is written all the same, so that the key can go.
            await once.unchanged(api, call.once, current, uid=uid)
            change_notes.unchanged(call, current.mod_revision)
            return await answer(call, value, current.mod_revision)
        record = await admitting.charged(api, call, old, new, put)
    except GuardFailed as failed:
        raise defining.failed(call, failed) from None
    except ConditionFailed as failed:
        if failed.key != current.key:
            raise await defining.refused(api, call, failed, plan) from None
        if failed.current is None:
            raise errors.not_found(kind.resource.qualified, new.metadata.name) from None
        raise errors.conflict(kind.resource.qualified, new.metadata.name, _MODIFIED) from None
    at = current.mod_revision
    change_notes.replaced(call, old, new, version=at, revision=record.mod_revision)
    await defining.written(api, plan.definition)
    return await answer(call, value, record.mod_revision)


async def _accept(api: Api, call: Call, old: Any, new: Any, *, tells: bool) -> None:
    """Let admission refuse what is valid, and tell what is to be told of it."""
    if api.admission is not None:
        await api.admission.validate(call, old, new)
    if tells:
        call.warnings += await turns.taken(call.kind.warnings.on(new))
