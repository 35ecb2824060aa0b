"""The readers of a log who have read all of it, by what they wait for.

An event wakes those whom it may concern, and costs nothing for each of the others: thousands of
watches with a selector of their own, as of the agents of that many nodes, wait for a few events
each. Who was not woken need not look at what went by.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube_server.storage import keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.cache.facts import Fact
    from protocube_server.cache.log import Entry
    from protocube_server.cache.selection import Selection
    from protocube_server.kinds.kind import Kind

_ByFact = dict["Fact | None", dict["Waiter", None]]


@dataclass(slots=True, eq=False, kw_only=True)
class Waiter:
    """One reader, who waits for an entry that may concern it."""

    selection: Selection
    woken: asyncio.Future[None]
    place: int | None = None
    """Of the first entry that may concern it."""
    seen: int = 0
    """The revision before that entry."""

    def wake(self) -> None:
        """Let the reader go on."""
        if not self.woken.done():
            self.woken.set_result(None)


class Waiters:
    """Who waits, by kind, by the place of the keys, and by the fact that is asked for."""

    def __init__(self) -> None:
        self._by_kind: dict[Kind, dict[bytes, _ByFact]] = {}

    def add(self, selection: Selection) -> Waiter:
        """Let a reader wait, until it is discarded."""
        waiter = Waiter(selection=selection, woken=asyncio.get_running_loop().create_future())
        by_prefix = self._by_kind.setdefault(selection.kind, {})
        by_fact = by_prefix.setdefault(selection.prefix, {})
        for fact in selection.facts or (None,):
            by_fact.setdefault(fact, {})[waiter] = None
        return waiter

    def discard(self, waiter: Waiter) -> None:
        """Forget a reader, who may have been forgotten already."""
        selection = waiter.selection
        by_prefix = self._by_kind.get(selection.kind, {})
        by_fact = by_prefix.get(selection.prefix, {})
        # What is empty goes, or the selectors of all times would stay.
        for fact in selection.facts or (None,):
            held = by_fact.get(fact, {})
            held.pop(waiter, None)
            if not held:
                by_fact.pop(fact, None)
        if not by_fact:
            by_prefix.pop(selection.prefix, None)
        if not by_prefix:
            self._by_kind.pop(selection.kind, None)

    def concerned(self, entry: Entry) -> Iterator[Waiter]:
        """Yield those whom an entry may concern, some of them more than once."""
        for kind, by_prefix in self._by_kind.items():
            whole = kind.prefix()
            for index, event in enumerate(entry.revision.events):
                for prefix in {keys.split(event.key)[0], whole}:
                    by_fact = by_prefix.get(prefix)
                    if by_fact:
                        yield from _concerned(kind, by_fact, entry, index)

    def all(self) -> Iterator[Waiter]:
        """Yield everyone."""
        for by_prefix in self._by_kind.values():
            for by_fact in by_prefix.values():
                for held in by_fact.values():
                    yield from held


def _concerned(kind: Kind, by_fact: _ByFact, entry: Entry, index: int) -> Iterator[Waiter]:
    # An event that nobody asks anything about is not read here.
    seen = entry.seen(kind, index)
    for waiter in by_fact.get(None, ()):
        selection = waiter.selection
        # To look costs a fraction of what it costs to wake.
        if not selection.has_selectors or seen.may_concern(selection):
            yield waiter
    if len(by_fact) > (None in by_fact):
        known = seen.facts
        for fact in by_fact if known is None else known:
            if fact is not None:
                yield from by_fact.get(fact, ())
