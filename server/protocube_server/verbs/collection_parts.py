"""The objects that a DeleteCollection deletes, some at a time."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server import tasks, turns
from protocube_server.storage import paging
from protocube_server.verbs import held, pages
from protocube_server.verbs.list import left_out

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from protocube_server.cache import Selection
    from protocube_server.cache.objects import Snapshot
    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Page, Record
    from protocube_server.verbs.api import Api

_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of the chosen objects, as they are at a revision or were since."""

    records: Sequence[Record]
    revision: int
    rest: bytes = b""
    """The key of the first one beyond the limit."""
    left: int = 0
    """How many objects there are from that key on."""


async def found(api: Api, call: Call, chosen: Selection) -> AsyncGenerator[Part, None]:
    """Yield what is to be deleted, all of one revision; one part at least."""
    start, at = b"", 0
    if call.request.continue_token:
        position = pages.decode_token(call.request.continue_token, chosen.prefix)
        start, at = position.start, position.revision
    snapshot = await _snapshot(api, chosen, at)
    if snapshot is None:
        parts = _from_store(api, call, chosen, start, at)
    else:
        parts = _from_memory(api, call, chosen, start, snapshot)
    async with aclosing(parts) as read:
        async for part in read:
            yield part


async def _snapshot(api: Api, chosen: Selection, at: int) -> Snapshot | None:
    """Return the objects from memory, if they are at hand and save reading those not chosen."""
    if not chosen.has_selectors:
        return None
    return await (api.cache.at(chosen.kind, at) if at else api.cache.newest(chosen.kind))


async def _from_memory(
    api: Api, call: Call, chosen: Selection, start: bytes, snapshot: Snapshot
) -> AsyncGenerator[Part, None]:
    """Yield what is chosen in memory, as the store has it by now."""
    limit, rest = call.request.limit, b""
    keys = await held.keys(chosen, snapshot, start=start, limit=limit)
    if 0 < limit <= len(keys) and not chosen.names_one:
        # As in a list: what is left is looked at on the next page only.
        rest = snapshot.leaves.below(chosen.prefix, keys[-1] + b"\0").first_key()
    if rest:
        api.cache.retain(call.kind, snapshot)
    for key in sorted(snapshot.damaged):
        if key.startswith(chosen.prefix) and start <= key and (not rest or key < rest):
            call.warnings.append(left_out(snapshot.damaged[key]))
    for begin in range(0, max(1, len(keys)), _PAGE):
        some = keys[begin : begin + _PAGE]
        records = await tasks.some_at_a_time(api.store.get, some, at_once=_PAGE)
        with turns.Pace() as pace:
            there: list[Record] = []
            for record in records:
                await pace.step()
                if record is not None and _is_chosen(call, chosen, record):
                    there.append(record)
        is_last = begin + _PAGE >= len(keys)
        yield Part(records=there, revision=snapshot.revision, rest=rest if is_last else b"")


async def _from_store(
    api: Api, call: Call, chosen: Selection, start: bytes, at: int
) -> AsyncGenerator[Part, None]:
    request, taken = call.request, 0
    pages_ = paging.pages(api.store, chosen.prefix, limit=_PAGE, start=start, at=at)
    async with aclosing(pages_) as read:
        async for page in read:
            room = request.limit - taken if request.limit else None
            part = await _chosen_of(call, chosen, page, room)
            taken += len(part.records)
            yield part
            if part.rest:
                return


async def _chosen_of(call: Call, chosen: Selection, page: Page, room: int | None) -> Part:
    """Return the chosen objects of a page, ``room`` of them at most."""
    records: list[Record] = []
    # Until the end of the page, not over the deletions that follow.
    with turns.Pace() as pace:
        for index, record in enumerate(page.records):
            await pace.step()
            # As in a list: what is left is looked at on the next page only.
            if len(records) == room and not (records and chosen.names_one):
                left = page.count - index
                return Part(records=records, revision=page.revision, rest=record.key, left=left)
            if _is_chosen(call, chosen, record):
                records.append(record)
    return Part(records=records, revision=page.revision)


def _is_chosen(call: Call, chosen: Selection, record: Record) -> bool:
    try:
        if chosen.has_selectors:
            return chosen.matches(record)
        call.kind.read(record)
    except errors.Damaged as error:
        call.warnings.append(left_out(error.message))
        return False
    return True
