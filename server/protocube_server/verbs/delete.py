"""Delete: one object, at once or after its finalizers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import get, propagation, removal, versions

if TYPE_CHECKING:
    from protocube.meta.v1 import requests_pb2
    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api


async def delete(api: Api, call: Call) -> bytes:
    """Answer a DeleteRequest with the object as it last was.

    Its resource version is that of the deletion, so that a watch can go on from it.
    """
    kind, request = call.kind, call.request
    namespace, name = call.target
    get.require_name(name)
    propagation.require_supported(request.propagation_policy)
    record = await api.store.get(kind.key(namespace, name))
    while True:
        if record is None:
            raise errors.not_found(kind.resource.qualified, name)
        _check(kind, record, request)
        try:
            return (await removal.remove(api, call, record)).value
        except ConditionFailed as changed:
            # Another write came in between: the request's own conditions decide again.
            record = changed.current


def _check(kind: Kind, record: Record, request: requests_pb2.DeleteRequest) -> None:
    conditions = request.preconditions
    asked = versions.parse(conditions.resource_version, kind="DeleteOptions")
    if conditions.uid:
        uid = kind.parse(record.value).metadata.uid
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
