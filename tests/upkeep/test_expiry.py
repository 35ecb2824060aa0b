"""The records of requests are removed when they are old, and by the leader alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube_server.storage import keys
from protocube_server.storage.base import GuardFailed
from protocube_server.tasks import beside
from protocube_server.upkeep.expiry.aging import Kept, aging
from protocube_server.upkeep.expiry.marks import Mark, Marks
from protocube_server.upkeep.expiry.records import Records, expiring
from protocube_server.upkeep.expiry.written import Write, Written
from protocube_server.upkeep.guarded_store import GuardedStore
from tests.upkeep.conftest import KEY, PATIENCE, taking_part
from tests.upkeep.virtual_time import VirtualClock

if TYPE_CHECKING:
    from protocube_server.storage.base import Store

AREA = keys.system("/registry", keys.Area.REQUESTS) + b"/"
MARKS = keys.system("/registry", keys.Area.MARKS, keys.Area.REQUESTS)
KEEP = 600.0
TURN = KEEP / 20


def _record(name: str) -> bytes:
    return keys.system("/registry", keys.Area.REQUESTS, name)


async def _left(store: Store) -> list[str]:
    page = await store.list(AREA)
    return [record.key.removeprefix(AREA).decode() for record in page.records]


async def _make(store: Store, clock: VirtualClock, *names: str) -> None:
    """Make records, and return once a mark says that they were made by now."""
    made = await asyncio.gather(*(store.create(_record(name), b"x") for name in names))
    newest = max(record.mod_revision for record in made)
    marks = Marks(store, MARKS, KEEP)
    async with asyncio.timeout(PATIENCE):
        while marks.newest < newest:
            await clock.wake()
            await marks.read()


async def test_a_record_is_kept_for_its_time(store: Store) -> None:
    """It is there until it is as old as that, and gone a turn later; a younger one stays."""
    clock = VirtualClock()
    async with taking_part(store) as (server,):
        server.start(expiring(store, "/registry", KEEP, clock))
        await _make(store, clock, *(f"{number:03}" for number in range(230)))
        await clock.advance(KEEP / 2)
        await _make(store, clock, "115-young")
        await clock.advance(KEEP / 2 - 1)
        assert len(await _left(store)) == 231, "nothing is removed before its time"
        await clock.advance(TURN)
        assert await _left(store) == ["115-young"]
        await clock.advance(KEEP / 2)
        assert await _left(store) == []


async def test_the_next_leader_knows_how_old_records_are(store: Store) -> None:
    """A record goes at its time, whoever leads then: the marks are in the store."""
    clock = VirtualClock()
    async with taking_part(store, store) as (first, second):
        first.start(expiring(store, "/registry", KEEP, clock))
        await _make(store, clock, "a")
        await clock.advance(KEEP - 1)
        await first.stop()
        second.start(expiring(store, "/registry", KEEP, clock))
        await second.led()
        await clock.advance(0)
        assert await _left(store) == ["a"]
        await clock.advance(TURN)
        assert await _left(store) == []


async def test_nothing_is_written_while_no_record_is_made(store: Store) -> None:
    """A turn with nothing to mark or to remove changes nothing in the store."""
    clock = VirtualClock()
    async with taking_part(store) as (server,):
        server.start(expiring(store, "/registry", KEEP, clock))
        await _make(store, clock, "a")
        marked = await store.get(MARKS)
        for _ in range(5):
            await clock.advance(TURN)
        assert await store.get(MARKS) == marked


async def test_more_records_than_are_remembered(store: Store) -> None:
    """When those that are known are removed, everything is read again: all go at their time."""
    clock = VirtualClock()
    async with taking_part(store) as (server,):
        server.start()
        guarded = GuardedStore(store, await server.led())
        kept = Kept(
            what="records",
            prefix=AREA,
            seconds=KEEP,
            marks=MARKS,
            remove=Records(guarded).remove,
            most=3,
        )
        async with beside(aging(guarded, kept, clock)):
            await _make(store, clock, *"abcdefgh")
            await clock.advance(KEEP)
            async with asyncio.timeout(PATIENCE):
                while await _left(store):
                    await clock.wake()


async def test_a_server_that_does_not_lead_any_more_removes_nothing(store: Store) -> None:
    """Each removal is under the guard of its term."""
    async with taking_part(store) as (server,):
        server.start()
        term = await server.led()
        made = await store.create(_record("a"), b"x")
        claim = await store.get(KEY)
        assert claim is not None
        taken = claim.value.replace(b'"holder": "a"', b'"holder": "b"')
        assert taken != claim.value
        await store.delete(KEY)
        await store.create(KEY, taken)
        with pytest.raises(GuardFailed):
            await Records(GuardedStore(store, term)).remove([Write(made.mod_revision, made.key)])
        assert await _left(store) == ["a"]


async def test_a_record_that_is_gone_holds_up_no_other(store: Store) -> None:
    """The others of its batch are removed all the same."""
    async with taking_part(store) as (server,):
        server.start()
        guarded = GuardedStore(store, await server.led())
        made = [await store.create(_record(name), b"x") for name in "abc"]
        await store.delete(_record("b"))
        writes = [Write(record.mod_revision, record.key) for record in made]
        assert await Records(guarded).remove(writes) == ()
        assert await _left(store) == []


class TestMarks:
    """Which revision was the newest when."""

    async def test_those_of_another_history_are_none(self, store: Store) -> None:
        """A mark beyond the store's revision is not of it, and one that is garbage is none."""
        for value in (b"[[1.0, 1000000]]", b"no JSON", b'[["a"]]', b"7"):
            record = await store.get(MARKS)
            if record is None:
                await store.create(MARKS, value)
            else:
                await store.update(MARKS, value, expected=record.mod_revision)
            marks = Marks(store, MARKS, KEEP)
            await marks.read()
            assert (marks.newest, marks.old(1e12)) == (0, 0), value

    async def test_a_clock_that_goes_back_lets_nothing_go_early(self, store: Store) -> None:
        """What was marked by a fast clock counts as written when the clock is set right."""
        marks = Marks(store, MARKS, KEEP)
        await marks.add(Mark(10_000.0, 2))
        await marks.add(Mark(1_000.0, 3))
        assert marks.old(1_000.0 + KEEP - 1) == 0
        assert marks.old(1_000.0 + KEEP) == 3

    async def test_no_more_are_kept_than_are_needed(self, store: Store) -> None:
        """One that is as old as the time to keep, and those that are younger."""
        marks = Marks(store, MARKS, KEEP)
        for number in range(1, 100):
            await marks.add(Mark(number * KEEP / 10, number + 1))
        record = await store.get(MARKS)
        assert record is not None
        assert record.value.count(b"[") == 1 + 11


class TestWritten:
    """What was written at which revision."""

    def test_gives_the_oldest_first(self) -> None:
        """Up to a revision and a number, what was read as well as what was added."""
        written = Written()
        for revision in (5, 3, 9, 4):
            written.read(revision, b"%d" % revision)
        while written.arrange():
            pass
        written.add(11, b"11")
        assert [write.revision for write in written.take(9, 2)] == [3, 4]
        assert [write.revision for write in written.take(9, 9)] == [5, 9]
        assert written.newest == 11

    def test_forgets_the_newest_when_there_are_too_many(self) -> None:
        """It tells when the oldest are used up, so that the others are read again."""
        written = Written(most=3)
        for revision in (5, 3, 9, 4, 8):
            written.read(revision, b"")
        while written.arrange():
            pass
        written.add(11, b"")
        assert len(written) == 3
        assert written.newest == 11
        assert not written.is_used_up
        assert [write.revision for write in written.take(99, 9)] == [3, 4, 5]
        assert written.is_used_up
