"""Watches, the same from a store and through a server."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from tests.faults.history import Seen

if TYPE_CHECKING:
    from tests.wire.everywhere import Everywhere

PATIENCE = 60.0


async def _take(place: Everywhere, after: int, count: int) -> list[Seen]:
    """Return the first events of a new watch."""
    seen: list[Seen] = []
    async with asyncio.timeout(PATIENCE), aclosing(place.subject.watch(after=after)) as watch:
        async for events in watch:
            seen += events
            if len(seen) >= count:
                return seen
    raise AssertionError("a watch does not end by itself")


async def _history(place: Everywhere) -> list[Seen]:
    """Create, change and delete, and give the events that this must make."""
    one = await place.subject.create("a", "one")
    two = await place.subject.update("a", "two", expected=one)
    other = await place.subject.create("b", "three")
    gone = await place.subject.delete("a", expected=two)
    back = await place.subject.create("a", "four")
    return [
        Seen(revision=one, key="a", token="one"),
        Seen(revision=two, key="a", token="two"),
        Seen(revision=other, key="b", token="three"),
        Seen(revision=gone, key="a", token=None),
        Seen(revision=back, key="a", token="four"),
    ]


async def test_a_watch_of_what_comes(place: Everywhere) -> None:
    """Each event comes once, in order, at its revision; a deletion at the revision it made."""
    after = await place.subject.newest()
    watching = asyncio.create_task(_take(place, after, 5))
    expected = await _history(place)
    assert await watching == expected


async def test_a_watch_goes_on_behind_any_event(place: Everywhere) -> None:
    """Resumed behind each of the events it gives the rest, none twice and none left out."""
    after = await place.subject.newest()
    expected = await _history(place)
    for done in range(5):
        position = expected[done - 1].revision if done else after
        assert await _take(place, position, 5 - done) == expected[done:]


async def test_a_watch_from_before_a_compaction_skips_nothing(place: Everywhere) -> None:
    """It is expired, unless somebody still knows everything; and one from behind it works."""
    after = await place.subject.newest()
    expected = await _history(place)
    kept = await place.compact()
    if place.may_remember:
        with contextlib.suppress(errors.Expired):
            assert await _take(place, after, len(expected)) == expected
    else:
        with pytest.raises(errors.Expired):
            await _take(place, after, 1)
    late = await place.subject.create("c", "five")
    assert await _take(place, kept, 1) == [Seen(revision=late, key="c", token="five")]
    assert kept >= expected[-1].revision


async def test_a_watcher_that_does_not_read_holds_up_nobody(place: Everywhere) -> None:
    """Others see everything meanwhile, and it does, too, when it reads again."""
    after = await place.subject.newest()
    first = await place.subject.create("first", "one")
    async with aclosing(place.subject.watch(after=after)) as blocked:
        assert (await anext(blocked))[0].revision == first
        revisions = [await place.subject.create(f"k{number}", "one") for number in range(100)]
        assert [seen.revision for seen in await _take(place, first, 100)] == revisions
        late: list[int] = []
        async with asyncio.timeout(PATIENCE):
            while len(late) < 100:
                late += [seen.revision for seen in await anext(blocked)]
        assert late == revisions


async def test_large_deletions_at_once(place: Everywhere) -> None:
    """A revision with more than one message holds reaches a watcher whole."""
    text = "x" * 900_000
    names = [f"k{number}" for number in range(8)]
    made = {name: await place.subject.create(name, text) for name in names}
    after = await place.subject.newest()
    watching = asyncio.create_task(_take(place, after, len(names)))
    deletions = (place.subject.delete(name, expected=made[name]) for name in names)
    revisions = await asyncio.gather(*deletions)
    expected = {
        Seen(revision=revision, key=name, token=None)
        for name, revision in zip(names, revisions, strict=True)
    }
    assert set(await watching) == expected
