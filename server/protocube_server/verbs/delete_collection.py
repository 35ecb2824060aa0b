"""DeleteCollection: every object that a list gives, one by one."""

from __future__ import annotations

import functools
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server import tasks
from protocube_server.kinds import splice
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import (
    collection_parts,
    namespaces,
    once,
    pages,
    preconditions,
    propagation,
    removal,
    requests,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.cache import Selection
    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api

_AT_ONCE = 16
"""Objects that are deleted together. Each is parsed first, which keeps others waiting."""
_RESERVED = 16 * 1024
"""Room in an answer for the list's own fields and the frames around the items."""


async def delete_collection(api: Api, call: Call) -> bytes:
    """Answer a DeleteCollectionRequest with the list of what it deleted, as it was before.

    Not atomic: the first error ends it, and others may have been deleted by then. What is not
    there any more, or not selected any more, is passed over. With a request id, objects that were
    made after the first call with it began stay: a repeated call goes on with the rest. When the
    answer would grow beyond one message, all objects go and a warning says how many are not
    listed. What cannot be read stays, with a warning.
    """
    request = call.request
    propagation.require_known(request.propagation_policy)
    namespaces.require_removable_together(call.kind)
    if request.limit < 0:
        raise errors.BadRequest(f"limit must not be negative: {request.limit}")
    chosen = requests.selection(call)
    known = once.of(call)
    began = await once.begin(api, known) if known is not None else 0
    answer = _Answer(api.limits.response - _RESERVED)
    async with aclosing(collection_parts.found(api, call, chosen)) as parts:
        async for part in parts:
            records = [item for item in part.records if not began or item.create_revision <= began]
            remove = functools.partial(_remove, api, call, chosen)
            await tasks.some_at_a_time(remove, records, at_once=_AT_ONCE)
            answer.add(call, records)
    if answer.left_out:
        call.warnings.append(
            f"{answer.left_out} deleted objects are not listed: the answer would be too large"
        )
    token = ""
    if part.rest:
        position = pages.Position(revision=part.revision, start=part.rest)
        token = pages.encode_token(position, chosen.prefix)
    remaining = None if chosen.has_selectors or not token else part.left
    return pages.encode_list(
        call.kind, answer.items, revision=part.revision, token=token, remaining=remaining
    )


class _Answer:
    """The items of the answer, as far as there is room."""

    def __init__(self, budget: int) -> None:
        self.items: list[bytes] = []
        self.left_out = 0
        self._budget = budget

    def add(self, call: Call, records: Sequence[Record]) -> None:
        for record in records:
            item = splice.framed(pages.ITEM, call.kind.answer_of(record))
            if len(item) > self._budget:
                self.left_out += 1
                continue
            self._budget -= len(item)
            self.items.append(item)


async def _remove(api: Api, call: Call, chosen: Selection, record: Record) -> None:
    """Delete what is at ``record``, or has come in its place and is selected, too."""
    current: Record | None = record
    while current is not None and chosen.matches(current):
        preconditions.require(call.kind, current, call.request)
        try:
            await removal.remove(api, call, current)
        except ConditionFailed as changed:
            current = changed.current
            continue
        return
