"""DeleteCollection: every object that matches, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.kinds import splice
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import delete, pages, removal, requests

if TYPE_CHECKING:
    from protocube_server.cache import Selection
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api, Call

_PAGE = 100


async def delete_collection(api: Api, kind: Kind, raw: bytes, call: Call) -> bytes:
    """Answer a DeleteCollectionRequest with the objects as they last were.

    Not atomic: objects that appear meanwhile may stay. When the answer would grow
    beyond one message, all objects go and a warning says how many are not listed.
    """
    request = requests.parse(requests_pb2.DeleteCollectionRequest, raw)
    delete.require_supported(request.propagation_policy)
    if kind is api.kinds.namespaces:
        # As in Kubernetes: each takes a world along, and two of them never go.
        message = "the server does not allow this method on the requested resource"
        raise errors.MethodNotSupported(message, resource=kind.resource.qualified)
    chosen = requests.selection(kind, request)
    start = b""
    budget = api.limits.response - 16 * 1024
    items: list[bytes] = []
    size = dropped = revision = 0
    while True:
        page = await api.store.list(chosen.prefix, start=start, limit=_PAGE)
        revision = revision or page.revision
        for record in page.records:
            if not chosen.matches(record.value):
                continue
            value = await _remove(api, kind, record, chosen, dry_run=request.dry_run)
            if value is None:
                continue
            item = splice.framed(pages.ITEM, value)
            if size + len(item) > budget:
                dropped += 1
                continue
            items.append(item)
            size += len(item)
        if not page.more:
            break
        start = page.records[-1].key + b"\0"
    if dropped:
        call.warnings.append(
            f"{dropped} deleted objects are not listed: the answer would be too large"
        )
    return pages.encode_list(kind, items, revision=revision)


async def _remove(
    api: Api, kind: Kind, record: Record, chosen: Selection, *, dry_run: bool
) -> bytes | None:
    current: Record | None = record
    while current is not None and chosen.matches(current.value):
        try:
            return (await removal.remove(api, kind, current, dry_run=dry_run)).value
        except ConditionFailed as changed:
            current = changed.current
    return None
