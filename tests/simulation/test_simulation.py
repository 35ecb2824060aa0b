"""Servers under whatever a seed does to them: every history is right.

A seed that fails is run again by ``scripts/soak --simulate --seed SEED``.
"""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_server.cache.objects import Objects
from protocube_server.kinds.kind import Kind
from tests.simulation import loop, simulating
from tests.simulation.simulating import Plan
from tests.simulation.store import SimulatedStore

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(600)
"""Seconds: half a minute of computing, on a machine that does other things, too."""

_SEEDS = 2000
_TOGETHER = 100

_RESTORED = Plan(damages=0, tenants=0)
_DAMAGED = Plan(restores=0, tenants=0)
_KEPT = [
    # A store that goes back in time, before servers noticed it: watches went on past the
    # gap, and a leader wrote its claim again and again.
    *((seed, _RESTORED) for seed in range(10)),
    # A damaged value that stopped the listed objects halfway: a deleted one was shown for ever.
    *((seed, _DAMAGED) for seed in (2, 6, 7, 15, 20, 27, 38, 42, 43, 52, 56, 59)),
    # The same damage: watches of everybody ended, again and again.
    *((seed, _DAMAGED) for seed in (8, 14, 17, 19)),
]
"""Seeds that have found a fault, with what it was."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Say nothing of what the servers log: the faults are wanted."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", range(0, _SEEDS, _TOGETHER))
def test_every_history_is_right(first: int) -> None:
    """Writes, lists and watches, with all that the store and its servers suffer."""
    for seed in range(first, first + _TOGETHER):
        assert simulating.faults(seed) == [], f"seed {seed}"


@pytest.mark.parametrize(("seed", "plan"), _KEPT)
def test_what_was_found_stays_mended(seed: int, plan: Plan) -> None:
    """Seeds that found a fault once find none."""
    assert simulating.faults(seed, plan) == []


def test_a_seed_is_one_run() -> None:
    """The same calls, in the same order, with the same outcome, each time."""

    def run() -> list[tuple[object, ...]]:
        chance = random.Random(5)
        simulation = simulating.Simulation(chance, simulating.drawn(chance))
        loop.run(simulation.run(), chance)
        calls = simulation.recorded.history.calls
        return [(call.verb, call.key, call.fate, call.token, call.revision) for call in calls]

    assert run() == run()


def test_it_finds_a_store_whose_past_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a store that does not tell that it went back in time, histories are wrong."""

    def check(store: SimulatedStore, epoch: int) -> None:  # noqa: ARG001  # as the one it replaces
        if store._is_closed:
            raise errors.Unavailable("the store is closed")

    monkeypatch.setattr(SimulatedStore, "incarnation", "the same")
    monkeypatch.setattr(SimulatedStore, "_check", check)
    wrong = [seed for seed in range(10) if simulating.faults(seed, _RESTORED)]
    assert len(wrong) > 5


def test_it_finds_a_state_that_moves_by_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """With listed objects that keep their place when they fail, lists show deleted objects."""

    async def halfway(objects: Objects) -> bool:
        log = objects._log
        if log is None or not log.has(objects._place):
            objects._forget()
            return False
        while log.has_behind(objects._place):
            objects._catch_up(log)
        return True

    opened: Any = Kind.opened

    def failing(kind: Kind, *arguments: Any) -> Any:
        try:
            return opened(kind, *arguments)
        except errors.Damaged as error:
            raise ValueError(error.message) from None

    monkeypatch.setattr(Objects, "_is_at_hand", halfway)
    monkeypatch.setattr(Kind, "opened", failing)
    found = [text for seed in range(60) for text in simulating.faults(seed, _DAMAGED)]
    assert any("a list at revision" in text for text in found)
