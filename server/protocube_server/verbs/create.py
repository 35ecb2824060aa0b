"""Create: an object that must not exist.

The order is Kubernetes' (``registry/rest/create.go``): decode, wipe, namespace, name,
defaults, validation, identity, conditional write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_server.kinds import object_names
from protocube_server.storage.base import ConditionFailed, GuardFailed, Record
from protocube_server.verbs import namespaces, once, requests, system_fields

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Guard
    from protocube_server.verbs.api import Api

_NO_VERSION = "resourceVersion should not be set on objects to be created"


async def create(api: Api, call: Call) -> bytes:
    """Answer a CreateXRequest with the object as it was stored."""
    kind = call.kind
    message = (await requests.check_object(call)).object
    metadata = message.metadata
    if metadata.resource_version:
        raise errors.BadRequest(_NO_VERSION)
    system_fields.wipe(message)
    if kind.has_status:
        message.ClearField("status")
    if kind.has_spec:
        metadata.generation = 1
    if not metadata.name and metadata.generate_name:
        return await _create_generated(api, call)
    return await _create_named(api, call)


async def _create_generated(api: Api, call: Call) -> bytes:
    request = call.request
    base = request.object.metadata.generate_name
    # Defaults may follow from the name: each try begins with what was given.
    given = type(request.object)()
    given.CopyFrom(request.object)
    for _ in range(object_names.GENERATE_TRIES):
        request.object.CopyFrom(given)
        request.object.metadata.name = object_names.generate(base)
        try:
            return await _create_named(api, call)
        except errors.AlreadyExists as error:
            last = error
    # Kubernetes: the name was the server's choice, so trying again can help.
    last.retry_after = 1
    raise last


async def _create_named(api: Api, call: Call) -> bytes:
    kind, request = call.kind, call.request
    message = request.object
    metadata = message.metadata
    guard = await namespaces.require(
        api, kind, metadata.namespace, metadata.name, now=request.dry_run
    )
    uid = system_fields.new_uid()
    if api.admission is not None:
        await api.admission.mutate(call, None, message)
    # Before the defaults, some of which follow from the uid.
    system_fields.stamp(message, api.now(), uid)
    await kind.defaults.apply_in_turns(message)
    namespaces.label(kind, message)
    await kind.validation.check_in_turns(message)
    if api.admission is not None:
        await api.admission.validate(call, None, message)
    value = kind.encode(message)
    requests.check_size(kind, value, metadata.name, api.limits)
    key = kind.key(metadata.namespace, metadata.name)
    if request.dry_run:
        current = await api.store.get(key)
        if current is not None:
            raise _exists(kind, metadata.name, current)
        return kind.answer(value)
    try:
        record = await _write(api, call, key, value, guard)
    except ConditionFailed as failed:
        raise _exists(kind, metadata.name, failed.current) from None
    return kind.answer(value, record.mod_revision)


async def _write(api: Api, call: Call, key: bytes, value: bytes, guard: Guard | None) -> Record:
    kind, metadata = call.kind, call.request.object.metadata
    while True:
        try:
            return await once.create(api, call.once, key, value, uid=metadata.uid, guard=guard)
        except GuardFailed:
            # The namespace has changed since it was read.
            guard = await namespaces.require(api, kind, metadata.namespace, metadata.name, now=True)


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
