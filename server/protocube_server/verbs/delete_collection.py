"""DeleteCollection: every object that matches, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.kinds import splice
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import namespaces, once, pages, propagation, removal, requests
from protocube_server.verbs.list import left_out

if TYPE_CHECKING:
    from protocube_server.cache import Selection
    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api

_PAGE = 100


async def delete_collection(api: Api, call: Call) -> bytes:
    """Answer a DeleteCollectionRequest with the objects as they last were.

    Not atomic: objects that appear meanwhile may stay. With a request id, those that were made
    after the first call with it began do: a repeated call goes on with the rest. When the answer
    would grow beyond one message, all objects go and a warning says how many are not listed. What
    cannot be read stays, with a warning.
    """
    kind = call.kind
    propagation.require_supported(call.request.propagation_policy)
    namespaces.require_removable_together(kind)
    chosen = requests.selection(call)
    known = once.of(call)
    began = await once.begin(api, known) if known is not None else 0
    start = b""
    budget = api.limits.response - 16 * 1024
    items: list[bytes] = []
    size = dropped = revision = 0
    while True:
        page = await api.store.list(chosen.prefix, start=start, limit=_PAGE)
        revision = revision or page.revision
        for record in page.records:
            try:
                value = await _remove(api, call, record, chosen, began)
            except errors.Damaged as error:
                call.warnings.append(left_out(error.message))
                continue
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
    api: Api, call: Call, record: Record, chosen: Selection, began: int
) -> bytes | None:
    """Delete what is at ``record``, unless it was made after ``began`` (0: whenever it was)."""
    current: Record | None = record
    while current is not None and chosen.matches(current):
        if began and current.create_revision > began:
            return None
        try:
            return (await removal.remove(api, call, current)).value
        except ConditionFailed as changed:
            current = changed.current
    return None
