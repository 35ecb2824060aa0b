"""Writing the status of an object as the server itself, on the way of another call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.calls.call import Call
from protocube_server.calls.user import SYSTEM
from protocube_server.calls.verb import RequestClass, Target, Verb
from protocube_server.verbs import owners, replacement, requests, subresources

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api

UPDATE_STATUS = Verb(
    method="UpdateStatus",
    word="update",
    subresource="status",
    request_class=RequestClass.WRITE,
    parser=requests.of_kind("Update"),
    target=requests.carried,
)


async def write(api: Api, call: Call, kind: Kind, record: Record, new: Any) -> str:
    """Write the status of ``new``, which is stored as ``record``; return its resource version.

    It is part of ``call``, which may be of another kind, and no call of its own: nobody has to
    allow it. Raises as :func:`replacement.replace`.
    """
    request: Any = kind.resource.update_request_class()
    request.field_manager = owners.SERVER
    part = Call(
        user=SYSTEM,
        edition=call.edition,
        kind=kind,
        verb=UPDATE_STATUS,
        raw=b"",
        request=request,
        target=Target(new.metadata.namespace, new.metadata.name),
        # It is written where the writes of the call are, and must not wait for these either.
        is_gathered=call.is_gathered,
        together=call.together,
    )
    answer = await replacement.replace(
        api,
        part,
        record,
        kind.read(record),
        new,
        subresources.STATUS,
        owners=owners.Update(api, part),
    )
    written: Any = kind.resource.message_class.FromString(answer)
    version: str = written.metadata.resource_version
    return version
