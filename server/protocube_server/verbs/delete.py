"""Delete: one object, at once or after its finalizers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import get, namespaces, preconditions, propagation, removal

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
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
    namespaces.require_removable(kind, name)
    propagation.require_known(request.propagation_policy)
    if request.ignore_store_read_error:
        _require_alone(request)
    record = await api.store.get(kind.key(namespace, name))
    while True:
        if record is None:
            raise errors.not_found(kind.resource.qualified, name)
        preconditions.require(kind, record, request)
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
