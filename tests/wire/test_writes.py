"""Writes under conditions, the same from a store and through a server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.faults import store_run
from tests.faults.subjects import Refused, State
from tests.wire.everywhere import PREFIX

if TYPE_CHECKING:
    from tests.wire.everywhere import Everywhere


async def test_a_key_from_its_creation_to_its_end(place: Everywhere) -> None:
    """Each write has a revision above the last, and a read gives what was written last."""
    subject = place.subject
    assert await subject.get("a") is None
    created = await subject.create("a", "one")
    assert await subject.get("a") == State(token="one", revision=created)
    updated = await subject.update("a", "two", expected=created)
    assert await subject.get("a") == State(token="two", revision=updated)
    deleted = await subject.delete("a", expected=updated)
    assert await subject.get("a") is None
    again = await subject.create("a", "three")
    assert created < updated < deleted < again == await subject.newest()


async def test_conditions_that_do_not_hold(place: Everywhere) -> None:
    """A create of what exists, a write at a stale revision or of nothing: all change nothing."""
    subject = place.subject
    created = await subject.create("a", "one")
    updated = await subject.update("a", "two", expected=created)
    for attempt in (
        subject.create("a", "three"),
        subject.update("a", "three", expected=created),
        subject.delete("a", expected=created),
        subject.update("never", "three", expected=created),
        subject.delete("never", expected=created),
    ):
        with pytest.raises(Refused):
            await attempt
    assert await subject.get("a") == State(token="two", revision=updated)
    assert await subject.newest() == updated


async def test_one_of_many_creates_wins(place: Everywhere) -> None:
    """Of concurrent creates of one key exactly one is done."""
    results = await asyncio.gather(
        *(place.subject.create("a", f"t{number}") for number in range(50)), return_exceptions=True
    )
    (winner,) = [index for index, result in enumerate(results) if isinstance(result, int)]
    assert sum(isinstance(result, Refused) for result in results) == 49
    found = await place.subject.get("a")
    assert found == State(token=f"t{winner}", revision=results[winner])  # type: ignore[arg-type]  # the winner's is a number


async def test_contending_writers_leave_a_history_without_a_fault(place: Everywhere) -> None:
    """What writers were told and what watchers saw is proved right, call by call."""
    report = await store_run.run_subject(place.subject, place.store, PREFIX, calls=400)
    assert report.is_right, str(report)
    assert report.events > 50
