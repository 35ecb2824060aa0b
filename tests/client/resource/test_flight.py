"""Many objects at a time, with the outcome of one after the other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube.catalog import Catalog
from protocube_client import backoff
from protocube_client.resource.flight import Flight, Subject, subject

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from protocube_client.resource.visitor import Landing


def _subject(name: str) -> Subject:
    """Return ``pod/a``, or for a capital letter the cluster-scoped ``Namespace/a``.

    Others are judged by kinds whose names begin with ``judging``.
    """
    kind, _, rest = name.partition("/")
    return Subject(
        kind=kind,
        namespaced=kind.islower(),
        judges_others=kind.startswith("judging"),
        namespace="",
        name=rest,
    )


class _Works:
    """Work that the test lets end, and what was seen of it."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.landed: list[str] = []
        self.failed: list[str] = []
        self._gates: dict[str, asyncio.Event] = {}

    def flight(self, limit: int) -> Flight:
        return Flight(limit, failed=lambda error: self.failed.append(str(error)))

    def of(self, name: str) -> Callable[[], Awaitable[Landing]]:
        """Return work that waits until :meth:`end`; one whose name has a ``!`` fails."""
        gate = self._gates[name] = asyncio.Event()

        async def work() -> Landing:
            self.begun.append(name)
            await gate.wait()
            if "!" in name:
                raise ValueError(name)
            return lambda: self.landed.append(name)

        return work

    def end(self, *names: str) -> None:
        for name in names:
            self._gates[name].set()

    def all_of(self, flight: Flight, *names: str) -> asyncio.Task[None]:
        """Begin the work of all names one after the other, in a task."""

        async def begin() -> None:
            for name in names:
                await flight.begin(_subject(name), self.of(name))

        return asyncio.create_task(begin())


async def _settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_outcomes_come_in_the_order_of_the_input() -> None:
    """Whatever ends first: results, errors, and errors that stand in an object's place."""
    works = _Works()
    async with works.flight(8) as flight:
        await works.all_of(flight, "pod/a", "pod/!b", "pod/c")
        await flight.fail(ValueError("no object"))
        await works.all_of(flight, "pod/!d")
        works.end("pod/!d", "pod/c", "pod/!b")
        await _settle()
        assert (works.landed, works.failed) == ([], [])
        works.end("pod/a")
    assert works.landed == ["pod/a", "pod/c"]
    assert works.failed == ["pod/!b", "no object", "pod/!d"]


async def test_no_more_than_the_limit_are_under_way() -> None:
    """The next one begins when the first has landed."""
    works = _Works()
    async with works.flight(2) as flight:
        begin = works.all_of(flight, "pod/a", "pod/b", "pod/c")
        await _settle()
        assert works.begun == ["pod/a", "pod/b"]
        works.end("pod/a")
        await _settle()
        assert works.begun == ["pod/a", "pod/b", "pod/c"]
        works.end("pod/b", "pod/c")
        await begin


async def test_a_limit_of_one_is_a_plain_loop() -> None:
    """Each lands before the next begins."""
    works = _Works()
    async with works.flight(1) as flight:
        begin = works.all_of(flight, "pod/!a", "pod/b")
        await _settle()
        assert works.begun == ["pod/!a"]
        works.end("pod/!a")
        await _settle()
        assert (works.begun, works.failed) == (["pod/!a", "pod/b"], ["pod/!a"])
        works.end("pod/b")
        await begin
        assert works.landed == ["pod/b"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Namespace/a", "pod/b"),
        ("pod/a", "Namespace/b"),
        ("Namespace/a", "ClusterRole/a"),
        ("pod/a", "pod/a"),
        ("Namespace/a", "Namespace/a"),
        ("pod/a", "judgingquota/a"),
        ("judginglimits/a", "pod/a"),
        ("judgingrole/a", "judgingbinding/a"),
    ],
)
async def test_an_object_waits_for_what_it_may_depend_on(first: str, second: str) -> None:
    """Cluster-scoped kinds keep to themselves, and a name is never under way twice."""
    works = _Works()
    async with works.flight(8) as flight:
        await flight.begin(_subject(first), works.of("1"))
        later = asyncio.create_task(flight.begin(_subject(second), works.of("2")))
        await _settle()
        assert works.begun == ["1"]
        works.end("1")
        await later
        await _settle()
        assert works.begun == ["1", "2"]
        works.end("2")


def test_the_schema_says_which_kinds_judge_others() -> None:
    """Rights, accounts, quotas, limits and budgets; what is cluster-scoped is apart anyway."""
    kinds = [item for item in Catalog.shipped().resources if item.namespaced]
    assert {item.kind for item in kinds if subject(item, "a", "b").judges_others} == {
        "LimitRange",
        "PodDisruptionBudget",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "ServiceAccount",
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("pod/a", "pod/b"),
        ("pod/a", "configmap/a"),
        ("Namespace/a", "Namespace/b"),
        ("pod/", "pod/"),
    ],
)
async def test_objects_that_cannot_meet_run_side_by_side(first: str, second: str) -> None:
    """Other names, other kinds, and names that the server makes up."""
    works = _Works()
    async with works.flight(8) as flight:
        await flight.begin(_subject(first), works.of("1"))
        await flight.begin(_subject(second), works.of("2"))
        await _settle()
        assert works.begun == ["1", "2"]
        works.end("2", "1")


async def test_an_interrupted_flight_tells_what_was_done() -> None:
    """Work that is about to end may; the rest is cancelled, and the order is kept."""
    works = _Works()

    async def fly() -> None:
        async with works.flight(8) as flight:
            await works.all_of(flight, "pod/a", "pod/b", "pod/c")
            await asyncio.Event().wait()

    task = asyncio.create_task(fly())
    await _settle()
    works.end("pod/c")
    task.cancel()
    await _settle()
    works.end("pod/a", "pod/b")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert works.landed == ["pod/a", "pod/b", "pod/c"]


async def test_work_that_does_not_end_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ended behind it is told all the same."""
    monkeypatch.setattr("protocube_client.resource.flight._PATIENCE_SECONDS", 0)
    works = _Works()

    async def fly() -> None:
        async with works.flight(8) as flight:
            await works.all_of(flight, "pod/a", "pod/b", "pod/!c")
            works.end("pod/a", "pod/!c")
            await asyncio.Event().wait()

    task = asyncio.create_task(fly())
    await _settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (works.landed, works.failed) == (["pod/a"], ["pod/!c"])


@pytest.mark.parametrize("limit", [1, 8])
async def test_a_closed_pipe_ends_the_flight_at_once(limit: int) -> None:
    """Nobody is told anything any more, and work under way is cancelled."""
    works = _Works()

    def broken() -> None:
        raise BrokenPipeError

    async def work() -> Landing:
        return broken

    async def fly() -> None:
        async with works.flight(limit) as flight:
            try:
                await flight.begin(_subject("pod/a"), work)
                await works.all_of(flight, "pod/b", "pod/c")
                await flight.land()
            except Exception:  # noqa: BLE001  # visitors go on after any of these
                works.landed.append("went on")

    with pytest.raises(BrokenPipeError):
        await fly()
    assert works.landed == []


async def test_a_call_that_waits_to_be_sent_again_is_given_up_at_once() -> None:
    """Nothing of it is under way; what the server has at hand still gets its moment to end."""
    gone = asyncio.Event()
    told: list[str] = []

    async def refused() -> Landing:
        try:
            await backoff.wait(3600)
        finally:
            gone.set()
        return lambda: told.append("refused")

    async def at_hand() -> Landing:
        await gone.wait()
        return lambda: told.append("at hand")

    async def walk() -> None:
        async with Flight(3, failed=lambda error: told.append(str(error))) as flight:
            await flight.begin(_subject("pod/a"), refused)
            await flight.begin(_subject("pod/b"), at_hand)
            await asyncio.sleep(0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await walk()
    assert told == ["at hand"]
