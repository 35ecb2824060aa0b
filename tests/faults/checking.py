"""Proves a history right, or names what is wrong with it.

The changes are the claim; each check holds them, or what callers and watchers were
told, against the rest:

- *continuity*: each change of a key continues the one before it, revisions only grow,
  and the last ones are the final state. So the changes lack nothing and have nothing twice.
- *writes*: what was acknowledged is among the changes at its revision, once; what was
  refused or failed is not; what is unknown is there at most once; and every change was
  asked for.
- *order*: the history of each key is linearizable. The versions of a key have a known
  order, so it is enough that no call that began after another ended saw, or made, an
  older version than that one.
- *watchers*: what each saw between two revisions is exactly the changes between them.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.faults.history import Call, Fate, Seen, Verb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.faults.history import Change, History, Stretch

_MOST = 20
"""Violations to print; there may be one for each of a hundred thousand events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The counts of a run, and what is wrong with it."""

    calls: Counter[tuple[Verb, Fate]]
    events: int
    watched: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    violations: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.violations)

    def __str__(self) -> str:
        """Give the counts, one a line, and the first of each kind of fault."""
        lines = [f"operations {self.calls.total()}"]
        for (verb, fate), count in sorted(
            self.calls.items(), key=lambda item: (item[0][0].value, item[0][1].value)
        ):
            lines.append(f"  {verb.value} {fate.value} {count}")
        lines.append(f"events {self.events}, seen by watchers {self.watched}")
        for name, found in (
            ("losses", self.lost),
            ("duplicates", self.doubled),
            ("violations", self.violations),
        ):
            lines.append(f"{name} {len(found)}")
            lines += [f"  {text}" for text in found[:_MOST]]
        return "\n".join(lines)


def check(history: History) -> Report:
    """Check a whole history."""
    lost: list[str] = []
    doubled: list[str] = []
    for text in (*_writes(history), *_watchers(history)):
        (doubled if text.startswith("twice: ") else lost).append(text)
    return Report(
        calls=Counter((call.verb, call.fate) for call in history.calls),
        events=len(history.changes),
        watched=sum(len(stretch.events) for stretch in history.stretches),
        lost=tuple(lost),
        doubled=tuple(doubled),
        violations=(*_continuity(history), *_order(history)),
    )


def _continuity(history: History) -> Iterator[str]:
    newest: dict[str, Change] = {}
    last = 0
    for change in history.changes:
        seen, before = change.seen, newest.get(change.seen.key)
        if seen.revision < last:
            yield f"revision {seen.revision} comes after {last}"
        last = max(last, seen.revision)
        exists = before is not None and before.version > 0
        revision = before.seen.revision if before is not None and exists else 0
        version = before.version if before is not None and exists else 0
        if change.previous != revision:
            yield f"{seen} replaces revision {change.previous}, the last one was {revision}"
        elif change.version not in (0, version + 1) or (change.version == 0 and not exists):
            yield f"{seen} is version {change.version} after version {version}"
        newest[seen.key] = change
    folded = {
        key: (change.seen.token, change.seen.revision)
        for key, change in newest.items()
        if change.version
    }
    for key in folded.keys() | history.final.keys():
        if folded.get(key) != history.final.get(key):
            yield f"{key} ends as {history.final.get(key)}, its changes say {folded.get(key)}"


def _writes(history: History) -> Iterator[str]:
    """Say what is lost, and what is there twice or without having been asked for."""
    puts: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    removals: dict[tuple[str, int], int] = {}
    for change in history.changes:
        seen = change.seen
        if seen.token is None:
            removals[seen.key, change.previous] = seen.revision
        else:
            puts[seen.key, seen.token].append(seen.revision)
    explained: set[tuple[str, int]] = set()
    for call in history.calls:
        if call.verb is Verb.GET:
            continue
        if call.verb is Verb.DELETE:
            at = removals.get((call.key, call.expected))
            made = [at] if at is not None and call.fate in (Fate.DONE, Fate.UNKNOWN) else []
        else:
            made = puts.pop((call.key, call.token), [])
        yield from _judge(call, made)
        explained.update((call.key, revision) for revision in made)
    for change in history.changes:
        if (change.seen.key, change.seen.revision) not in explained:
            yield f"twice: nobody who was not refused asked for {change.seen}"


def _judge(call: Call, made: Sequence[int]) -> Iterator[str]:
    if len(made) > 1:
        yield f"twice: {call} happened at {made}"
    if call.fate is Fate.DONE and call.revision not in made:
        yield f"lost: {call} was acknowledged and is at {made}"
    if call.fate in (Fate.REFUSED, Fate.FAILED) and made:
        yield f"twice: {call} happened though its caller was told that it did not"


def _watchers(history: History) -> Iterator[str]:
    truth = [change.seen for change in history.changes]
    for stretch in history.stretches:
        expected = [seen for seen in truth if stretch.after < seen.revision <= stretch.through]
        seen_in_it = [seen for seen in stretch.events if seen.revision <= stretch.through]
        if seen_in_it != expected:
            yield from _difference(stretch, expected, seen_in_it)


def _difference(stretch: Stretch, expected: Sequence[Seen], found: Sequence[Seen]) -> Iterator[str]:
    wanted, got = Counter(expected), Counter(found)
    for seen in wanted - got:
        yield f"lost: {stretch.watcher} did not see {seen}"
    for seen in got - wanted:
        yield f"twice: {stretch.watcher} saw {seen} once too often"
    if wanted == got:
        yield f"twice: {stretch.watcher} saw events behind {stretch.after} in another order"


def _order(history: History) -> Iterator[str]:
    """Check each key's calls in the order in which they began."""
    versions: defaultdict[str, list[Change]] = defaultdict(list)
    for change in history.changes:
        versions[change.seen.key].append(change)
    calls: defaultdict[str, list[Call]] = defaultdict(list)
    for call in history.calls:
        if call.fate in (Fate.DONE, Fate.UNKNOWN):
            calls[call.key].append(call)
    for key, of_key in calls.items():
        yield from _order_of_key(of_key, versions[key])


def _order_of_key(calls: list[Call], versions: list[Change]) -> Iterator[str]:
    # Version 0 is the state before the first change.
    by_revision = {change.seen.revision: index for index, change in enumerate(versions, 1)}
    by_token = {
        change.seen.token: index
        for index, change in enumerate(versions, 1)
        if change.seen.token is not None
    }
    removed = {
        change.previous: index
        for index, change in enumerate(versions, 1)
        if change.seen.token is None
    }
    absent = [0, *removed.values()]
    removers = Counter(call.expected for call in calls if call.verb is Verb.DELETE)
    ended: list[tuple[float, int]] = []
    oldest = 0
    """The newest version that a call made or saw which ended before this one began."""
    for call in sorted(calls, key=lambda call: call.begun):
        while ended and ended[0][0] < call.begun:
            oldest = max(oldest, heapq.heappop(ended)[1])
        version: int | None
        if call.verb is Verb.GET:
            if call.fate is Fate.UNKNOWN:
                continue
            if call.revision:
                version = by_revision.get(call.revision)
            else:
                # Any state in which the key was absent will do: the oldest possible one
                # leaves most room for the others.
                version = next((index for index in absent if index >= oldest), None)
            wrong = version is None or version < oldest
        else:
            version = (
                removed.get(call.expected) if call.verb is Verb.DELETE else by_token.get(call.token)
            )
            if version is None:
                continue  # Unknown and never happened; one that is lost was named already.
            if (
                call.verb is Verb.DELETE
                and call.fate is Fate.UNKNOWN
                and removers[call.expected] > 1
            ):
                continue  # Deletions carry no token: another one may have been the one.
            wrong = version <= oldest
        if wrong:
            yield f"{call} is of version {version}, but version {oldest} was known before"
        if version is not None and call.fate is Fate.DONE:
            heapq.heappush(ended, (call.ended, version))
