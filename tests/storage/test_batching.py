"""Questions that travel together: who gets which answer, and from when."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.batching import Batcher

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Clock:
    """Answers each question with itself and the time, once it is let go."""

    def __init__(self) -> None:
        self.time = 0
        self.flights: list[list[str]] = []
        self.left = asyncio.Event()
        self.go = asyncio.Event()

    async def ask(self, questions: Sequence[str]) -> Sequence[tuple[str, int]]:
        self.flights.append([*questions])
        seen = self.time
        self.left.set()
        await self.go.wait()
        return [(question, seen) for question in questions]


async def test_what_waits_travels_together() -> None:
    """Questions that come while a flight is out share the next one, up to the most."""
    clock = _Clock()
    batcher = Batcher(clock.ask, most=2)
    asked = [asyncio.create_task(batcher.ask(name)) for name in "abcd"]
    await clock.left.wait()
    clock.go.set()
    assert await asyncio.gather(*asked) == [("a", 0), ("b", 0), ("c", 0), ("d", 0)]
    assert clock.flights == [["a", "b"], ["c", "d"]]


async def test_no_answer_is_older_than_its_question() -> None:
    """A question that comes while a flight is out is not answered by that flight."""
    clock = _Clock()
    batcher = Batcher(clock.ask, most=8)
    first = asyncio.create_task(batcher.ask("a"))
    await clock.left.wait()
    clock.time = 1
    second = asyncio.create_task(batcher.ask("a"))
    clock.go.set()
    assert await first == ("a", 0)
    assert await second == ("a", 1)


async def test_each_asker_has_its_own_failure() -> None:
    """A flight that fails fails for all in it, each with an exception of its own."""

    async def fail(questions: Sequence[str]) -> Sequence[str]:
        raise errors.Unavailable(f"no answer to {len(questions)}")

    batcher = Batcher(fail, most=8)
    found = await asyncio.gather(batcher.ask("a"), batcher.ask("b"), return_exceptions=True)
    assert [str(error) for error in found] == ["no answer to 2"] * 2
    assert found[0] is not found[1]


async def test_one_that_leaves_takes_nobody_with_it() -> None:
    """An asker that is cancelled does not end the flight that others wait for."""
    clock = _Clock()
    batcher = Batcher(clock.ask, most=8)
    leaving, staying = (asyncio.create_task(batcher.ask(name)) for name in "ab")
    await clock.left.wait()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    clock.go.set()
    assert await staying == ("b", 0)
