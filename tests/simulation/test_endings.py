"""The end of namespaces under whatever a seed does: the judge finds each way to break it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube_server.upkeep.namespaces import worker
from protocube_server.verbs import emptying, removal
from tests.simulation import loop, simulating
from tests.simulation.simulating import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Record
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.emptying import Left
    from protocube_server.verbs.removal import Removed

pytestmark = pytest.mark.timeout(600)
"""Seconds: half a minute of computing, on a machine that does other things, too."""

_PLAN = Plan(restores=0, damages=0, tenants=2, kills=2)
_KEPT = (0, 3, 4, 5, 6)
"""Seeds that have found a deletion that was cut off and never carried out."""
_OF_A_RESTORATION = (18, 868, 872, 1245)
"""Seeds that have found a restoration amid the end of a namespace: it lost objects that were to
stay in the restored store, or left some in no namespace."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Say nothing of what the servers log: the faults are wanted."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def without_memory(patch: pytest.MonkeyPatch) -> None:
    """Let the worker begin with what is deleted from now on, as if nothing had been before."""

    async def follow(removals: Any) -> None:
        store = removals._api.store
        prefix = removals._api.editions.current.kinds.namespaces.prefix()
        async with aclosing(store.watch(prefix, after=await store.revision())) as watch:
            async for changes in watch:
                removals._look(event.record for event in changes.events if event.record)

    patch.setattr(worker._Removals, "_follow", follow)


def within_the_call(patch: pytest.MonkeyPatch) -> None:
    """Let Delete do all of it, and no worker, as the first release did."""
    remove = removal.remove

    async def removed(api: Api, call: Call, record: Record) -> Removed:
        marked = await remove(api, call, record)
        if call.kind.is_namespace:
            while await emptying.empty(api, call.kind.read(record).metadata.name):
                await loop.wait(0.5)
            await api.store.delete(record.key)
        return marked

    patch.setattr(removal, "remove", removed)
    patch.setattr(worker, "removing", _idle)


def without_a_mark(patch: pytest.MonkeyPatch) -> None:
    """Let Delete empty a namespace that does not say that it is being deleted."""
    remove = removal.remove

    async def removed(api: Api, call: Call, record: Record) -> Removed:
        kind = call.kind
        if not kind.is_namespace:
            return await remove(api, call, record)
        await emptying.empty(api, kind.read(record).metadata.name)
        gone = await api.store.delete(record.key)
        return removal.Removed(value=kind.answer(record.value, gone.revision), gone=True)

    patch.setattr(removal, "remove", removed)
    patch.setattr(worker, "removing", _idle)


def before_it_is_empty(patch: pytest.MonkeyPatch) -> None:
    """Let the worker remove a namespace though finalizers hold objects in it."""
    empty = emptying.empty

    async def emptied(api: Api, namespace: str) -> Left:
        await empty(api, namespace)
        return emptying.Left()

    patch.setattr(emptying, "empty", emptied)


def _idle(api: Api) -> Worker:  # noqa: ARG001  # as the one it replaces
    async def idle(term: Term) -> None:  # noqa: ARG001  # of the protocol
        await asyncio.Event().wait()

    return idle


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (without_memory, "has never ended"),
        (within_the_call, "has never ended"),
        (without_a_mark, "without having been marked"),
        (before_it_is_empty, "and left"),
    ],
)
def test_it_finds_a_deletion_that_is_not_carried_out(
    monkeypatch: pytest.MonkeyPatch, broken: Callable[[pytest.MonkeyPatch], None], says: str
) -> None:
    """With any part of the promise taken out, seeds find it and say what is wrong."""
    broken(monkeypatch)
    found = [text for seed in _KEPT for text in simulating.faults(seed, _PLAN)]
    assert any(says in text for text in found), found


@pytest.mark.parametrize(
    ("seed", "plan"),
    [*((seed, _PLAN) for seed in _KEPT), *((seed, None) for seed in _OF_A_RESTORATION)],
)
def test_what_was_found_stays_mended(seed: int, plan: Plan | None) -> None:
    """Seeds that found a fault once find none."""
    assert simulating.faults(seed, plan) == []
