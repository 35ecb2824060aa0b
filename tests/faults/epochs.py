"""What became of a run's store between two restorations: each such time has a history of its own.

A store that is put back to an older snapshot goes on from there. What was acknowledged behind
the snapshot is lost by whoever restored it, and nothing of it may be answered any more.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

from tests.faults import checking
from tests.faults.history import Call, Change, Fate, History, Seen, Verb
from tests.faults.subjects import DAMAGED, token_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.storage.base import Event
    from tests.faults.checking import Report
    from tests.faults.subjects import State


@dataclasses.dataclass(slots=True, kw_only=True)
class Epoch:
    """The history of a store from one restoration to the next."""

    history: History = dataclasses.field(default_factory=History)
    shared: int = 0
    """The revision of the snapshot that it began with."""
    end: int = 0
    """The revision of its last write."""
    calls: int = 0
    changes: int = 0
    """How many of each are those of earlier epochs, at the beginning of its history."""
    said_twice: set[Seen] = dataclasses.field(default_factory=set)
    """Deletions of damaged objects: for readers these had gone already."""

    def take(self, key: str, event: Event) -> None:
        """Add a change of the store as readers see it: for them a damaged object is deleted."""
        record, previous = event.record, event.previous
        is_damaged = record is not None and record.value == DAMAGED
        was_damaged = previous is not None and previous.value == DAMAGED
        token = token_of(record.value) if record and not is_damaged else None
        seen = Seen(revision=event.revision, key=key, token=token)
        if was_damaged and token is None:
            self.said_twice.add(seen)
            return
        before = previous.mod_revision if previous and not was_damaged else 0
        version = record.version if record and not is_damaged else 0
        self.history.changes.append(Change(seen=seen, version=version, previous=before))
        if is_damaged:
            self.history.calls.append(_damaging(seen, before))

    def close(self, mark: int, final: dict[str, State]) -> None:
        """End it with the write at ``mark``, at which the state was ``final``.

        Each watcher that has seen that write has seen all of it.
        """
        self.end, history = mark, self.history
        history.final = {key: (state.token, state.revision) for key, state in final.items()}
        for stretch in history.last().values():
            if max(stretch.after, stretch.through + 1) >= mark:
                stretch.through = max(mark, stretch.after)

    def cut(self) -> None:
        """Leave out what is no part of it, once nothing is added any more.

        A write of unknown outcome may happen behind the end; it is none of this history's.
        """
        history = self.history
        history.changes = [each for each in history.changes if each.seen.revision <= self.end]
        for stretch in history.stretches:
            stretch.events = [seen for seen in stretch.events if seen not in self.said_twice]

    def following(self, shared: int) -> Epoch:
        """Return the epoch of the same store, put back to the state at ``shared``.

        What was acknowledged before that is there; a write whose outcome is not known may
        still happen.
        """
        before = self.history
        changes = [each for each in before.changes if each.seen.revision <= shared]
        calls = [
            call
            for call in before.calls
            if call.verb is not Verb.GET and (call.fate is not Fate.DONE or call.revision <= shared)
        ]
        return Epoch(
            history=History(changes=changes, calls=calls),
            shared=shared,
            calls=len(calls),
            changes=len(changes),
        )


def check(epochs: Sequence[Epoch]) -> Report:
    """Check the history of each epoch; what is counted twice is counted once."""
    reports = [checking.check(epoch.history) for epoch in epochs]
    whole = reports[0]
    for number, (epoch, report) in enumerate(zip(epochs[1:], reports[1:], strict=True), 1):
        inherited = Counter((call.verb, call.fate) for call in epoch.history.calls[: epoch.calls])
        named = f"after restoration {number}: "
        whole = dataclasses.replace(
            whole,
            calls=whole.calls + (report.calls - inherited),
            events=whole.events + report.events - epoch.changes,
            watched=whole.watched + report.watched,
            lists=whole.lists + report.lists,
            lost=(*whole.lost, *(named + text for text in report.lost)),
            doubled=(*whole.doubled, *(named + text for text in report.doubled)),
            violations=(*whole.violations, *(named + text for text in report.violations)),
        )
    return whole


def _damaging(seen: Seen, previous: int) -> Call:
    """Return the deletion that explains to the checker that an object cannot be read."""
    return Call(
        verb=Verb.DELETE,
        key=seen.key,
        begun=0.0,
        ended=float("inf"),
        fate=Fate.DONE,
        expected=previous,
        revision=seen.revision,
    )
