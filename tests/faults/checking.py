"""Proves a history right, or names what is wrong with it.

The changes are the claim; each check holds them, or what callers and watchers were
told, against the rest:

- *continuity*: each change of a key continues the one before it, revisions only grow,
  and the last ones are the final state. So the changes lack nothing and have nothing twice.
- *writes*: what was acknowledged is among the changes at its revision, once; what was
  refused or failed is not; what is unknown is there at most once; and every change was
  asked for.
- *order*: the history of each key is linearizable (``ordering``).
- *lists*: each gave exactly the state at its revision; that it was not an older state than
  somebody knew before is part of the order.
- *watchers*: what each saw between two revisions is exactly the changes between them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.faults import ordering
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
    lists: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    violations: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.violations)

    def __str__(self) -> str:
        """Return the counts, one a line, and the first of each kind of fault."""
        lines = [f"operations {self.calls.total()}"]
        for (verb, fate), count in sorted(
            self.calls.items(), key=lambda item: (item[0][0].value, item[0][1].value)
        ):
            lines.append(f"  {verb.value} {fate.value} {count}")
        lines.append(f"  lists {self.lists}")
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
        lists=len(history.lists),
        watched=sum(len(stretch.events) for stretch in history.stretches),
        lost=tuple(lost),
        doubled=tuple(doubled),
        violations=(*_continuity(history), *_lists(history), *ordering.faults(history)),
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


def _lists(history: History) -> Iterator[str]:
    changes = iter(history.changes)
    change = next(changes, None)
    state: dict[str, tuple[str, int]] = {}
    for listing in sorted(history.lists, key=lambda listing: listing.revision):
        while change is not None and change.seen.revision <= listing.revision:
            if change.seen.token is None:
                state.pop(change.seen.key, None)
            else:
                state[change.seen.key] = (change.seen.token, change.seen.revision)
            change = next(changes, None)
        if listing.items != state:
            odd = sorted(dict(listing.items.items() ^ state.items()))
            yield f"a list at revision {listing.revision} differs from the changes in {odd}"


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
