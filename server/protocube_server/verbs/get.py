"""Get: one object, from its stored bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.verbs import requests, versions

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.verbs.api import Api, Call


async def get(api: Api, kind: Kind, raw: bytes, call: Call) -> bytes:
    """Answer a GetRequest with the object. The value is not parsed."""
    request = requests.parse(requests_pb2.GetRequest, raw)
    require_name(request.name)
    asked = versions.parse(request.resource_version, kind="GetOptions")
    record = await api.store.get(kind.key(kind.namespace(request.namespace), request.name))
    if asked and (record is None or record.mod_revision < asked):
        versions.require_reached(asked, await api.store.revision())
    if record is None:
        raise errors.not_found(kind.resource.qualified, request.name)
    return kind.answer(record.value, record.mod_revision)


def require_name(name: str) -> None:
    """Raise ``errors.BadRequest`` for a request for one object that names none."""
    if not name:
        raise errors.BadRequest("resource name may not be empty")
