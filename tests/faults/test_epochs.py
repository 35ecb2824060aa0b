"""Histories of a store that is put back to a snapshot: each is judged against its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube_server.storage.base import Event, Record
from tests.faults import epochs
from tests.faults.epochs import Epoch
from tests.faults.history import Call, Fate, Listing, Seen, Stretch, Verb
from tests.faults.subjects import DAMAGED, State

if TYPE_CHECKING:
    from tests.faults.checking import Report


def _event(key: str, revision: int, value: bytes | None, previous: Record | None = None) -> Event:
    record = None
    if value is not None:
        record = Record(
            key=key.encode(),
            value=value,
            create_revision=previous.create_revision if previous else revision,
            mod_revision=revision,
            version=previous.version + 1 if previous else 1,
        )
    return Event(key=key.encode(), revision=revision, record=record, previous=previous)


def _created(key: str, token: str, revision: int, *, at: float) -> Call:
    return Call(
        verb=Verb.CREATE,
        key=key,
        begun=at,
        ended=at + 0.5,
        fate=Fate.DONE,
        token=token,
        revision=revision,
    )


def _state(**tokens: int) -> dict[str, State]:
    return {token: State(token=token, revision=revision) for token, revision in tokens.items()}


def _put_back() -> tuple[Epoch, Epoch]:
    """Return a run that made ``a`` and ``b``, was put back to ``a`` alone, and made ``c``."""
    first = Epoch()
    for number, key in enumerate("ab", 2):
        first.take(key, _event(key, number, key.encode()))
        first.history.calls.append(_created(key, key, number, at=float(number)))
    first.history.stretches.append(
        Stretch(
            watcher="w",
            after=1,
            through=2,
            events=[
                Seen(revision=2, key="a", token="a"),
                Seen(revision=3, key="b", token="b"),
            ],
        )
    )
    first.close(3, _state(a=2, b=3))
    second = first.following(2)
    second.take("c", _event("c", 3, b"c"))
    second.history.calls.append(_created("c", "c", 3, at=10.0))
    second.history.stretches.append(
        Stretch(watcher="w", after=2, through=2, events=[Seen(revision=3, key="c", token="c")])
    )
    second.close(3, _state(a=2, c=3))
    return first, second


def _judged(*each: Epoch) -> Report:
    for epoch in each:
        epoch.cut()
    return epochs.check(each)


def test_what_is_behind_the_snapshot_is_lost_by_whoever_restored_it() -> None:
    """Both histories are right, and what they share counts once."""
    report = _judged(*_put_back())
    assert report.is_right, str(report)
    assert (report.calls.total(), report.events, report.watched) == (3, 3, 3)


def test_what_the_snapshot_has_must_stay() -> None:
    """Acknowledged before the snapshot, and not there afterwards: that is a loss."""
    first, second = _put_back()
    del second.history.changes[0], second.history.final["a"]
    assert any("was acknowledged" in text for text in _judged(first, second).lost)


def test_an_answer_from_before_is_wrong() -> None:
    """A list after the restoration that has what the snapshot has not."""
    first, second = _put_back()
    items = {"a": ("a", 2), "b": ("b", 3)}
    stale = Listing(begun=11.0, ended=12.0, revision=3, items=items)
    second.history.lists.append(stale)
    report = _judged(first, second)
    assert any("a list at revision 3" in text for text in report.violations), str(report)


def test_a_watch_that_goes_on_past_a_restoration_is_wrong() -> None:
    """It gives events of the restored store, without having ended as Expired."""
    first, second = _put_back()
    first.history.stretches[0].events.append(Seen(revision=3, key="c", token="c"))
    assert any("once too often" in text for text in _judged(first, second).doubled)


@pytest.mark.parametrize("says_it_twice", [False, True])
def test_a_damaged_object_is_deleted_for_readers(*, says_it_twice: bool) -> None:
    """Watchers see it go when it becomes damaged, and may see it once more when it goes."""
    epoch = Epoch()
    made = _event("a", 2, b"a")
    damaged = _event("a", 3, DAMAGED, made.record)
    for event in (made, damaged, _event("a", 4, None, damaged.record), _event("b", 5, b"b")):
        epoch.take(event.key.decode(), event)
    epoch.history.calls += [_created("a", "a", 2, at=1.0), _created("b", "b", 5, at=2.0)]
    seen = [Seen(revision=2, key="a", token="a"), Seen(revision=3, key="a", token=None)]
    if says_it_twice:
        seen.append(Seen(revision=4, key="a", token=None))
    seen.append(Seen(revision=5, key="b", token="b"))
    epoch.history.stretches.append(Stretch(watcher="w", after=1, through=4, events=seen))
    epoch.close(5, _state(b=5))
    report = _judged(epoch)
    assert report.is_right, str(report)
