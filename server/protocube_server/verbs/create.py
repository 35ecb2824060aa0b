"""Create: an object that must not exist.

The order is Kubernetes' (``registry/rest/create.go``): decode, wipe, namespace, name,
defaults, admission, validation, conditional write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_server import turns
from protocube_server.kinds import object_names
from protocube_server.storage.base import ConditionFailed, GuardFailed, Record
from protocube_server.verbs import (
    admitting,
    allocations,
    change_notes,
    creators,
    defining,
    namespaces,
    once,
    owner_references,
    owners,
    requests,
    system_fields,
)
from protocube_server.verbs.answers import answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Guard, Put
    from protocube_server.verbs.allocations import Plan
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.owners import Claims

_NO_VERSION = "resourceVersion should not be set on objects to be created"


async def create(api: Api, call: Call) -> bytes:
    """Answer a CreateXRequest with the object as it was stored."""
    metadata = (await requests.check_object(call)).metadata
    if metadata.resource_version not in ("", "0"):
        raise errors.BadRequest(_NO_VERSION)
    return await create_object(api, call)


async def create_object(
    api: Api, call: Call, claims: Claims | None = None, *, now: datetime | None = None
) -> bytes:
    """Create the object of a request that was checked, and return the answer.

    ``claims`` are its owners; without them it is the writer's. ``now`` is its birth.
    """
    message = call.request.object
    metadata = message.metadata
    metadata.ClearField("resource_version")
    system_fields.wipe(message)
    _prepare(call)
    if not metadata.name and metadata.generate_name:
        return await _create_generated(api, call)
    return await _create_named(api, call, claims, now=now)


def _prepare(call: Call) -> None:
    """Write into a new object what only the server says of it."""
    kind, message = call.kind, call.request.object
    creators.settle(call, message)
    owner_references.settle(call, message)
    if kind.has_status and not kind.resource.options.created_with_status:
        message.ClearField("status")
    kind.generation.begin(message)


async def _create_generated(api: Api, call: Call) -> bytes:
    request = call.request
    base = request.object.metadata.generate_name
    # Defaults may follow from the name: each try begins with what was given.
    given = type(request.object)()
    given.CopyFrom(request.object)
    told = len(call.warnings)
    for _ in range(object_names.GENERATE_TRIES):
        del call.warnings[told:]
        request.object.CopyFrom(given)
        request.object.metadata.name = object_names.generate(base)
        try:
            return await _create_named(api, call)
        except errors.AlreadyExists as error:
            last = error
    # Kubernetes: the name was the server's choice, so trying again can help.
    last.retry_after = 1
    raise last


async def _create_named(
    api: Api, call: Call, claims: Claims | None = None, *, now: datetime | None = None
) -> bytes:
    kind, request = call.kind, call.request
    message = request.object
    defining.require_creatable(call)
    guard = None if request.dry_run else namespaces.known(api, kind, message.metadata.namespace)
    if guard is None:
        guard = await _require_namespace(api, call, now=request.dry_run)
    uid = system_fields.new_uid()
    # Before the defaults, some of which follow from the uid.
    system_fields.stamp(message, now or api.now(), uid)
    await turns.taken(kind.defaults.filling(message))
    namespaces.prepare(kind, message)
    if kind.protection is not None:
        kind.protection.begin(message)
    await turns.next_stage()
    asked = await admitting.mutate(api, call, None, message)
    if call.is_reshaped:
        system_fields.restore(asked, message)
        _prepare(call)
        namespaces.prepare(kind, message)
    if kind.allocation is None:
        return await _write(api, call, claims, guard, allocations.filled(asked, message))
    told = len(call.warnings)

    async def write(plan: Plan) -> bytes:
        del call.warnings[told:]
        return await _write(api, call, claims, guard, plan)

    return await allocations.writing(api, call, None, message, write, asked=asked)


async def _write(
    api: Api, call: Call, claims: Claims | None, guard: Guard | None, plan: Plan
) -> bytes:
    """Write the object of a request that is filled in, with what a plan gives it."""
    kind, message = call.kind, call.request.object
    metadata = message.metadata
    await turns.next_stage()
    await kind.validation.check_in_turns(message)
    await turns.next_stage()
    if api.admission is not None:
        await api.admission.validate(call, None, message)
    if kind.warnings.are_any:
        call.warnings += await turns.taken(kind.warnings.on(message))
    if defining.concerns(api, call):
        plan = await defining.planned(api, call, None, None, message, plan)
    held = await claims.encoded() if claims else owners.created(call, plan.wanted(message))
    if plan.keeps:
        held = await plan.owned(kind, held, message)
    value = kind.encode(message, keeping=held)
    requests.check_size(kind, value, metadata.name, api.limits)
    key = kind.key(metadata.namespace, metadata.name)
    if call.request.dry_run:
        await admitting.check_quota(api, call, None, message)
        current = await api.store.get(key)
        if current is not None:
            raise _exists(kind, metadata.name, current)
        return await answer(call, value)
    try:
        record = await _store(api, call, key, value, guard, plan)
    except ConditionFailed as failed:
        if failed.key != key:
            raise await defining.refused(api, call, failed, plan) from None
        raise _exists(kind, metadata.name, failed.current) from None
    change_notes.created(call, record.mod_revision)
    if plan.definition:
        await defining.written(api, plan.definition)
    return await answer(call, value, record.mod_revision)


async def _store(
    api: Api, call: Call, key: bytes, value: bytes, guard: Guard | None, plan: Plan
) -> Record:
    message = call.request.object
    uid = message.metadata.uid

    async def write(charges: Sequence[Put]) -> Record:
        nonlocal guard
        beside = (*plan.writes, *charges)
        while True:
            guards = (*((guard,) if guard is not None else ()), *defining.guards(call))
            try:
                return await once.create(
                    api, call.once, key, value, uid=uid, guards=guards, beside=beside
                )
            except GuardFailed as failed:
                if guard is None or failed.key != guard.key:
                    raise defining.failed(call, failed) from None
                # The namespace has changed since it was read.
                guard = await _require_namespace(api, call, now=True)

    return await admitting.charged(api, call, None, message, write)


async def _require_namespace(api: Api, call: Call, *, now: bool) -> Guard | None:
    """See :func:`namespaces.require`. A generated name is none that a refusal should tell."""
    metadata = call.request.object.metadata
    name = call.target.name or metadata.generate_name
    return await namespaces.require(api, call.kind, metadata.namespace, name, now=now)


def _exists(kind: Kind, name: str, current: Record | None) -> errors.ApiError:
    error = errors.already_exists(kind.resource.qualified, name)
    if current is not None and _metadata(kind, current).HasField("deletion_timestamp"):
        return error.with_message(f"object is being deleted: {error.message}")
    return error


def _metadata(kind: Kind, record: Record) -> Any:
    """Return the metadata of what is there; of what is damaged only that it is."""
    try:
        return kind.read(record).metadata
    except errors.Damaged:
        return ObjectMeta()
