"""DeleteCollection: every object that a list gives, one by one."""

from __future__ import annotations

import functools
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server import tasks, turns
from protocube_server.kinds import splice
from protocube_server.storage import paging
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import (
    namespaces,
    once,
    pages,
    preconditions,
    propagation,
    removal,
    requests,
)
from protocube_server.verbs.list import left_out

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from protocube_server.cache import Selection
    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Page, Record
    from protocube_server.verbs.api import Api

_PAGE = 100
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
    async with aclosing(_found(api, call, chosen)) as parts:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Some of the chosen objects, as they are at a revision."""

    records: Sequence[Record]
    revision: int
    rest: bytes = b""
    """The key of the first one beyond the limit."""
    left: int = 0
    """How many objects there are from that key on."""


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


async def _found(api: Api, call: Call, chosen: Selection) -> AsyncGenerator[_Part, None]:
    """Yield what is to be deleted, all of one revision; one part at least."""
    request, taken = call.request, 0
    start, at = b"", 0
    if request.continue_token:
        position = pages.decode_token(request.continue_token, chosen.prefix)
        start, at = position.start, position.revision
    found = paging.pages(api.store, chosen.prefix, limit=_PAGE, start=start, at=at)
    async with aclosing(found) as read:
        async for page in read:
            room = request.limit - taken if request.limit else None
            part = await _chosen_of(call, chosen, page, room)
            taken += len(part.records)
            yield part
            if part.rest:
                return


async def _chosen_of(call: Call, chosen: Selection, page: Page, room: int | None) -> _Part:
    """Return the chosen objects of a page, ``room`` of them at most."""
    records: list[Record] = []
    # Until the end of the page, not over the deletions that follow.
    with turns.Pace() as pace:
        for index, record in enumerate(page.records):
            await pace.step()
            # As in a list: what is left is looked at on the next page only.
            if len(records) == room and not (records and chosen.names_one):
                left = page.count - index
                return _Part(records=records, revision=page.revision, rest=record.key, left=left)
            if _is_chosen(call, chosen, record):
                records.append(record)
    return _Part(records=records, revision=page.revision)


def _is_chosen(call: Call, chosen: Selection, record: Record) -> bool:
    try:
        if chosen.has_selectors:
            return chosen.matches(record)
        call.kind.read(record)
    except errors.Damaged as error:
        call.warnings.append(left_out(error.message))
        return False
    return True


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
