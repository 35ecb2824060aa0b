"""Get: one object, from its stored bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.kinds import splice
from protocube_server.verbs import owners, versions

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api


async def get(api: Api, call: Call) -> bytes:
    """Answer a GetRequest with the object."""
    kind = call.kind
    namespace, name = call.target
    require_name(name)
    asked = versions.asked(call.request.resource_version)
    record = await api.store.get(kind.key(namespace, name))
    if asked and (record is None or record.mod_revision < asked):
        versions.require_reached(asked, await api.store.revision())
    if record is None:
        raise errors.not_found(kind.resource.qualified, name)
    answer = await owners.shown(call, record.value, kind.answer_of(record))
    return splice.head(answer) if call.request.metadata_only else answer


async def stored(api: Api, call: Call) -> Record:
    """Return the record of the object that a request is for. Raises ``errors.NotFound``."""
    kind = call.kind
    namespace, name = call.target
    record = await api.store.get(kind.key(namespace, name))
    if record is None:
        raise errors.not_found(kind.resource.qualified, name)
    return record


def require_name(name: str) -> None:
    """Raise ``errors.BadRequest`` for a request for one object that names none."""
    if not name:
        raise errors.BadRequest("resource name may not be empty")
