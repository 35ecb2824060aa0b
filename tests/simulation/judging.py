"""Judges a run by the checker of ``tests/faults``, one epoch of the store after the other.

A store that goes back in time has another history from then on. Each epoch's is whole: it
begins with what the backup has, and what was acknowledged before and is not in it is lost by
whoever restored it. What was asked in one epoch and answered in another one may be of either,
so such a read tells nothing, and the outcome of such a write is not known.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from typing import TYPE_CHECKING

from tests.faults import checking
from tests.faults.history import Call, Change, Fate, History, Seen, Verb
from tests.faults.subjects import DAMAGED, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube_server.storage import base
    from tests.faults.history import Stretch
    from tests.simulation.history import History as Past
    from tests.simulation.store import World


@dataclasses.dataclass(slots=True, kw_only=True)
class Recorded:
    """What callers and watchers of a run were told."""

    history: History = dataclasses.field(default_factory=History)
    stretches: list[tuple[int, Stretch]] = dataclasses.field(default_factory=list)
    """Each with its epoch."""


def faults(world: World, prefix: bytes, recorded: Recorded) -> list[str]:
    """Return what is wrong with a run that has ended; nothing when all of it is right."""
    found: list[str] = []
    for epoch, past in enumerate((*world.pasts, world.history)):
        history = _of_epoch(world, prefix, past, recorded)
        report = checking.check(history)
        found += [
            f"epoch {epoch}: {text}" for text in (*report.lost, *report.doubled, *report.violations)
        ]
    return found


def _of_epoch(world: World, prefix: bytes, past: Past, recorded: Recorded) -> History:
    epoch, made = past.epoch, past.all
    changes, calls = _changes(prefix, made)
    history = History(changes=changes, calls=calls)
    for call in recorded.history.calls:
        first = bisect_right(world.replaced_at, call.begun)
        last = bisect_right(world.replaced_at, call.ended)
        if first == last == epoch:
            history.calls.append(call)
        elif first > epoch or call.verb is Verb.GET:
            continue
        elif last >= epoch or call.fate is Fate.UNKNOWN:
            history.calls.append(dataclasses.replace(call, fate=Fate.UNKNOWN))
        elif call.fate is Fate.DONE and call.revision <= past.shares.get(last, 0):
            history.calls.append(call)
    history.lists = [
        each
        for each in recorded.history.lists
        if bisect_right(world.replaced_at, each.begun) == epoch
        and bisect_right(world.replaced_at, each.ended) == epoch
    ]
    said_twice = set(_said_twice(prefix, made))
    for of, stretch in recorded.stretches:
        if of == epoch:
            events = [seen for seen in stretch.events if seen not in said_twice]
            history.stretches.append(dataclasses.replace(stretch, events=events))
    history.final = _final(changes)
    return history


def _changes(prefix: bytes, made: Sequence[base.Revision]) -> tuple[list[Change], list[Call]]:
    """Return what readers can see of a history, and the calls that explain damage.

    A damaged object is deleted for readers, and there again once it is mended.
    """
    changes: list[Change] = []
    calls: list[Call] = []
    visible: dict[str, tuple[int, int]] = {}
    """The revision and the version of each key that can be read."""
    for event in _events(prefix, made):
        key = event.key.removeprefix(prefix).decode()
        previous, version = visible.get(key, (0, 0))
        record = event.record if event.record and event.record.value != DAMAGED else None
        if record is None and not previous:
            continue
        token = token_of(record.value) if record else None
        seen = Seen(revision=event.revision, key=key, token=token)
        number = version + 1 if record else 0
        changes.append(Change(seen=seen, version=number, previous=previous))
        if record:
            visible[key] = (event.revision, number)
        else:
            del visible[key]
        if event.record is not None and record is None:
            calls.append(
                Call(
                    verb=Verb.DELETE,
                    key=key,
                    begun=0.0,
                    ended=float("inf"),
                    fate=Fate.DONE,
                    expected=previous,
                    revision=event.revision,
                )
            )
    return changes, calls


def _said_twice(prefix: bytes, made: Sequence[base.Revision]) -> Iterator[Seen]:
    """Yield the deletions of damaged objects: readers may have them from before the damage."""
    for event in _events(prefix, made):
        if event.record is None and event.previous and event.previous.value == DAMAGED:
            key = event.key.removeprefix(prefix).decode()
            yield Seen(revision=event.revision, key=key, token=None)


def _events(prefix: bytes, made: Sequence[base.Revision]) -> Iterator[base.Event]:
    for revision in made:
        for event in revision.events:
            if event.key.startswith(prefix):
                yield event


def _final(changes: Sequence[Change]) -> dict[str, tuple[str, int]]:
    final: dict[str, tuple[str, int]] = {}
    for change in changes:
        seen = change.seen
        if seen.token is None:
            final.pop(seen.key, None)
        else:
            final[seen.key] = (seen.token, seen.revision)
    return final
