"""Delete: one object, at once or after its finalizers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import get, propagation, removal, versions

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api


async def delete(api: Api, call: Call) -> bytes:
    """Answer a DeleteRequest with the object as it last was.

    Its resource version is that of the deletion, so that a watch can go on from it. One that
    cannot be read is ``errors.Damaged``, unless the request says that this is no obstacle: then
    it goes as it is, finalizers and all, and the answer has no more than its names.
    """
    kind, request = call.kind, call.request
    namespace, name = call.target
    get.require_name(name)
    propagation.require_supported(request.propagation_policy)
    if request.ignore_store_read_error:
        _require_alone(request)
    record = await api.store.get(kind.key(namespace, name))
    while True:
        if record is None:
            raise errors.not_found(kind.resource.qualified, name)
        _check(kind, record, request)
        try:
            if request.ignore_store_read_error and removal.is_damaged(kind, record):
                return await removal.discard(api, call, record)
            return (await removal.remove(api, call, record)).value
        except ConditionFailed as changed:
            # Another write came in between: the request's own conditions decide again.
            record = changed.current


def _require_alone(request: requests_pb2.DeleteRequest) -> None:
    """Raise ``errors.BadRequest`` for options that need to know what the object says.

    They are Kubernetes' (``ValidateIgnoreStoreReadError``).
    """
    given = (
        ("dry_run", request.dry_run),
        ("grace_period_seconds", request.HasField("grace_period_seconds")),
        ("preconditions", request.HasField("preconditions")),
        (
            "propagation_policy",
            request.propagation_policy == requests_pb2.PROPAGATION_POLICY_ORPHAN,
        ),
    )
    for name, is_given in given:
        if is_given:
            raise errors.BadRequest(f"ignore_store_read_error cannot be set together with {name}")


def _check(kind: Kind, record: Record, request: requests_pb2.DeleteRequest) -> None:
    conditions = request.preconditions
    asked = versions.parse(conditions.resource_version, kind="DeleteOptions")
    if conditions.uid:
        uid = kind.read(record).metadata.uid
        if uid != conditions.uid:
            why = (
                f"Precondition failed: UID in precondition: {conditions.uid}, "
                f"UID in object meta: {uid}"
            )
            raise errors.conflict(kind.resource.qualified, request.name, why)
    if asked and asked != record.mod_revision:
        why = (
            f"Precondition failed: ResourceVersion in precondition: {asked}, "
            f"ResourceVersion in object meta: {record.mod_revision}"
        )
        raise errors.conflict(kind.resource.qualified, request.name, why)
