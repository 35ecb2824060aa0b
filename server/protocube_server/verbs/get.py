"""Get: one object, from its stored bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube_server.kinds import splice
from protocube_server.verbs import owners, versions

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api

_BOTH: Final = "resource_version and at_revision cannot both be given"
_FORGOTTEN: Final = (
    "the version {} is older than the history that the server keeps "
    "(--compact-interval of the server sets how far that reaches back)"
)


async def get(api: Api, call: Call) -> bytes:
    """Answer a GetRequest with the object."""
    kind = call.kind
    namespace, name = call.target
    require_name(name)
    asked = versions.asked(call.request.resource_version)
    if at := versions.asked(call.request.at_revision):
        if asked:
            raise errors.BadRequest(_BOTH)
        record = await _then(api, kind.key(namespace, name), at)
    else:
        record = await api.store.get(kind.key(namespace, name))
    if asked and (record is None or record.mod_revision < asked):
        versions.require_reached(asked, await api.store.revision())
    if record is None:
        raise errors.not_found(kind.resource.qualified, name)
    answer = await owners.shown(call, record.value, kind.answer_of(record))
    return splice.head(answer) if call.request.metadata_only else answer


async def _then(api: Api, key: bytes, at: int) -> Record | None:
    """Return what was at a key at a revision.

    Raises ``errors.Expired`` for one that is compacted, and ``errors.Timeout`` for one of the
    future.
    """
    try:
        page = await api.store.list(key, start=key, limit=1, at=at)
    except errors.Expired:
        raise errors.Expired(_FORGOTTEN.format(at)) from None
    except errors.Timeout:
        versions.require_reached(at, await api.store.revision())
        raise
    # The key comes before the longer ones that begin with it.
    return next((record for record in page.records if record.key == key), None)


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
