"""Group commit of the etcd store."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage import limits
from protocube_server.storage.base import Done, Guard, Outcome, Put, Set, Write
from protocube_server.storage.etcd import transactions
from protocube_server.storage.etcd.group import Group

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Line:
    """Takes transactions and answers one when told to."""

    def __init__(self) -> None:
        self.flights: list[Sequence[Write]] = []
        self.left = asyncio.Event()
        self.land = asyncio.Semaphore(0)
        self.fault: Exception | None = None

    async def send(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        self.flights.append(writes)
        self.left.set()
        await self.land.acquire()
        if self.fault:
            raise self.fault
        number = len(self.flights)
        return [Done(revision=number, record=None, previous=None) for _ in writes]

    async def wait_for_flight(self) -> Sequence[Write]:
        """Return the next transaction that was sent."""
        await self.left.wait()
        self.left.clear()
        return self.flights[-1]


def _put(name: str, value: bytes = b"") -> Put:
    return Put(key=name.encode(), value=value)


def _keys(flight: Sequence[Write]) -> list[bytes]:
    """Return the keys of single writes."""
    return [write.key for write in flight if not isinstance(write, Set)]


def _writes(group: Group, *batches: Sequence[Write]) -> list[asyncio.Task[Sequence[Outcome]]]:
    return [asyncio.create_task(group.write(batch)) for batch in batches]


async def test_one_flight_and_then_all_that_came_meanwhile() -> None:
    """While a transaction is under way everything waits, and then goes together."""
    line = _Line()
    group = Group(line.send, patience=10)
    first = _writes(group, [_put("a")])
    assert len(await line.wait_for_flight()) == 1
    others = _writes(group, *([_put(f"b{number}")] for number in range(50)), [_put("c"), _put("d")])
    await asyncio.sleep(0)
    assert len(line.flights) == 1
    line.land.release()
    assert len(await line.wait_for_flight()) == 52
    line.land.release()
    assert [len(await each) for each in first + others] == [1] * 51 + [2]
    await group.close()


async def test_a_key_is_in_a_transaction_once() -> None:
    """Writes of one key go one after another, in the order they came; others pass them."""
    line = _Line()
    group = Group(line.send, patience=10)
    tasks = _writes(
        group, [_put("a", b"1")], [_put("b"), _put("a", b"2")], [_put("b", b"3")], [_put("c")]
    )
    flights = []
    for _ in range(3):
        flights.append(_keys(await line.wait_for_flight()))
        line.land.release()
    assert flights == [[b"a", b"c"], [b"b", b"a"], [b"b"]]
    await asyncio.gather(*tasks)
    await group.close()


@pytest.mark.parametrize(
    ("size", "most"), [(10, limits.MAX_WRITES), (100_000, 10), (limits.MAX_BYTES - 10, 1)]
)
async def test_a_transaction_is_within_the_limits(size: int, most: int) -> None:
    """Neither more operations nor more bytes than etcd takes go into one transaction."""
    line = _Line()
    line.land = asyncio.Semaphore(10_000)
    group = Group(line.send, patience=10)
    value = b"x" * size
    await asyncio.gather(*_writes(group, *([_put(str(n), value)] for n in range(2 * most + 1))))
    assert [len(flight) for flight in line.flights] == [most, most, 1]
    await group.close()


def _set(name: str, writes: int, guards: int = 0) -> Set:
    return Set(
        writes=tuple(_put(f"{name}/{number}") for number in range(writes)),
        guards=tuple(Guard(key=b"g%d" % number, revision=0) for number in range(guards)),
    )


async def test_the_widest_set_takes_room_from_the_others() -> None:
    """The parts of a transaction and the operations of its widest one are within etcd's limit.

    A wide set that does not fit goes first in the next transaction, however many come.
    """
    line = _Line()
    group = Group(line.send, patience=10)
    first = _writes(group, [_put("first")])
    await line.wait_for_flight()
    wide = _set("wide", 60, 40)
    tasks = _writes(group, *([_put(f"a{number}")] for number in range(30)), [wide])
    tasks += _writes(group, *([_put(f"b{number}")] for number in range(150)))
    await asyncio.sleep(0)
    for _ in range(100):
        line.land.release()
    await asyncio.gather(*first, *tasks)
    assert [len(flight) for flight in line.flights] == [1, 120, 28, 33]
    assert line.flights[2][0] == wide
    await group.close()


async def test_a_set_waits_for_what_it_guards() -> None:
    """A write of a key and a set that guards it are never in one transaction, either way round."""
    line = _Line()
    line.land = asyncio.Semaphore(10_000)
    group = Group(line.send, patience=10)
    guarded = _set("a", 2, 1)
    await asyncio.gather(*_writes(group, [guarded], [_put("g0")], [_set("b", 2, 1)], [_put("c")]))
    assert [list(flight) for flight in line.flights] == [
        [guarded, _put("c")],
        [_put("g0")],
        [_set("b", 2, 1)],
    ]
    await group.close()


async def test_long_keys_count_as_often_as_they_are_sent() -> None:
    """Sets of many long keys and small values fill a transaction by bytes, too."""
    line = _Line()
    line.land = asyncio.Semaphore(10_000)
    group = Group(line.send, patience=10)
    sets = [_set("x" * 500 + str(number), 50) for number in range(60)]
    await asyncio.gather(*_writes(group, *([each] for each in sets)))
    assert len(line.flights) > 4
    for flight in line.flights:
        assert transactions.group(flight, home=b"/").ByteSize() < limits.MAX_BYTES
    await group.close()


async def test_a_fault_is_everybodys_own() -> None:
    """All callers of a failed transaction get its error, each an exception of its own."""
    line = _Line()
    group = Group(line.send, patience=10)
    line.fault = errors.OutcomeUnknown("lost")
    line.land.release()
    tasks = _writes(group, [_put("a")], [_put("b")])
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [errors.OutcomeUnknown] * 2
    assert results[0] is not results[1]
    line.fault = None
    line.land.release()
    assert await group.write([_put("c")])
    await group.close()


async def test_a_cancelled_write_that_waits_is_not_sent() -> None:
    """A caller that gave up before its turn leaves nothing in the transaction."""
    line = _Line()
    group = Group(line.send, patience=10)
    first = _writes(group, [_put("a")])
    await line.wait_for_flight()
    given_up, kept = _writes(group, [_put("b")], [_put("c")])
    await asyncio.sleep(0)
    given_up.cancel()
    line.land.release()
    assert _keys(await line.wait_for_flight()) == [b"c"]
    line.land.release()
    await asyncio.gather(*first, kept)
    await group.close()


async def test_a_write_that_waited_too_long_is_not_sent() -> None:
    """What is older than the patience is Unavailable: it has certainly not happened."""
    line = _Line()
    group = Group(line.send, patience=0.0)
    first = _writes(group, [_put("a")])
    with pytest.raises(errors.Unavailable, match="not sent"):
        await first[0]
    assert not line.flights
    await group.close()


async def test_closing_answers_everybody() -> None:
    """What is under way is OutcomeUnknown, what waits has certainly not happened."""
    line = _Line()
    group = Group(line.send, patience=10)
    flying = _writes(group, [_put("a")])
    await line.wait_for_flight()
    waiting = _writes(group, [_put("b")])
    await asyncio.sleep(0)
    await group.close()
    results = await asyncio.gather(*flying, *waiting, return_exceptions=True)
    assert [type(result) for result in results] == [errors.OutcomeUnknown, errors.Unavailable]


async def test_a_transaction_without_an_answer_holds_up_nobody() -> None:
    """After some time the next ones are sent beside it, again one at a time."""
    line = _Line()
    group = Group(line.send, patience=60, overdue=0.01)
    (stuck,) = _writes(group, [_put("a")])
    await line.wait_for_flight()
    (second,) = _writes(group, [_put("b")])
    assert await line.wait_for_flight() == [_put("b")]
    # Whichever of them is answered first, both are.
    line.land.release()
    line.land.release()
    assert [len(each) for each in await asyncio.gather(stuck, second)] == [1, 1]
    # Of the two rows of flights one is left.
    third, fourth = _writes(group, [_put("c")], [_put("d")])
    assert len(await line.wait_for_flight()) == 2
    line.land.release()
    await asyncio.gather(third, fourth)
    await group.close()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "etcd-group-commit"]
