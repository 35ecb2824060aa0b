"""Whether the history of each key is linearizable.

The versions of a key have a known order: that of its changes. So it is enough that no
call that began after another ended saw, or made, an older version than that one. A list
counts as a look at each key.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import TYPE_CHECKING

from tests.faults.history import Call, Fate, Verb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.faults.history import Change, History


def faults(history: History) -> Iterator[str]:
    """Say where a call contradicts what was known when it began."""
    versions: defaultdict[str, list[Change]] = defaultdict(list)
    for change in history.changes:
        versions[change.seen.key].append(change)
    calls: defaultdict[str, list[Call]] = defaultdict(list)
    for call in history.calls:
        if call.fate in (Fate.DONE, Fate.UNKNOWN):
            calls[call.key].append(call)
    for listing in history.lists:
        for key in calls:
            _, revision = listing.items.get(key, ("", 0))
            calls[key].append(
                Call(
                    verb=Verb.GET,
                    key=key,
                    begun=listing.begun,
                    ended=listing.ended,
                    fate=Fate.DONE,
                    revision=revision,
                )
            )
    for key, of_key in calls.items():
        yield from _of_key(of_key, versions[key])


def _of_key(calls: Sequence[Call], versions: Sequence[Change]) -> Iterator[str]:
    """Check the calls of one key in the order in which they began."""
    order = _Order(versions)
    removers = order.removers(calls)
    for twice in removers.values():
        if len(twice) > 1:
            yield f"each of {twice} was told that it removed the key, which happened once"
    ended: list[tuple[float, int]] = []
    oldest = 0
    """The newest version that a call made or saw which ended before this one began."""
    for call in sorted(order.that_count(calls, removers), key=lambda call: call.begun):
        while ended and ended[0][0] < call.begun:
            oldest = max(oldest, heapq.heappop(ended)[1])
        is_look = call.verb is Verb.GET
        version = order.seen(call, oldest) if is_look else order.made(call)
        if version is None or version < oldest or (version == oldest and not is_look):
            yield f"{call} is of version {version}, but version {oldest} was known before"
        if version is not None and call.fate is Fate.DONE:
            heapq.heappush(ended, (call.ended, version))


class _Order:
    """The versions of one key, from 1; version 0 is the state before the first change."""

    def __init__(self, versions: Sequence[Change]) -> None:
        numbered = list(enumerate(versions, 1))
        self._by_revision = {change.seen.revision: index for index, change in numbered}
        self._by_token = {
            change.seen.token: index for index, change in numbered if change.seen.token is not None
        }
        self._removed = {
            change.previous: index for index, change in numbered if change.seen.token is None
        }
        self._absent = [0, *self._removed.values()]

    def seen(self, call: Call, oldest: int) -> int | None:
        """Return the version that a GET saw, if there is one.

        When the key was absent, any such state will do: the oldest possible one leaves
        most room for the others.
        """
        if call.revision:
            return self._by_revision.get(call.revision)
        return next((index for index in self._absent if index >= oldest), None)

    def made(self, call: Call) -> int | None:
        """Return the version that a write made, or may have made, if there is one."""
        if call.verb is Verb.DELETE:
            return self._removed.get(call.expected)
        return self._by_token.get(call.token)

    def removers(self, calls: Sequence[Call]) -> dict[int, list[Call]]:
        """Return for each removal the deletions that were told that they made it.

        Deletions carry no token, but a version is deleted once. Where none was told so,
        one of unknown outcome did it. That is possible if it is for the one that began
        first: what was known when it began, the others knew, too.
        """
        found: defaultdict[int, list[Call]] = defaultdict(list)
        for call in calls:
            if call.verb is Verb.DELETE and (version := self.made(call)) is not None:
                found[version].append(call)
        return {
            version: [call for call in asked if call.fate is Fate.DONE]
            or [min(asked, key=lambda call: call.begun)]
            for version, asked in found.items()
        }

    def that_count(self, calls: Sequence[Call], removers: dict[int, list[Call]]) -> Iterator[Call]:
        """Leave out what tells nothing.

        That is a GET without an answer, a write of unknown outcome that never happened (one
        that is lost is named elsewhere), and a deletion that another one made.
        """
        for call in calls:
            if call.verb is Verb.GET:
                if call.fate is Fate.DONE:
                    yield call
                continue
            version = self.made(call)
            if version is not None and (
                call.verb is not Verb.DELETE or any(call is one for one in removers[version])
            ):
                yield call
