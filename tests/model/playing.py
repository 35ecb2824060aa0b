"""Plays the histories of a seed; a seed draws the same ones each time, on any machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import histories
from tests.model.served import served

if TYPE_CHECKING:
    from collections import Counter

STEPS = 60
"""Of a history, at most. A step is one call mostly; a list has several pages."""


def play(url: str, number: int, counts: Counter[str], *, count: int, steps: int = STEPS) -> None:
    """Play ``count`` histories of a seed on an empty store, and add up the calls by method.

    Raises ``AssertionError`` for the shortest history found that goes wrong; its notes tell it.
    """
    chosen = settings(
        max_examples=count,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        # What goes wrong is said once, as short as possible, and not explained in words.
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    with served(url) as running:
        machine = histories(running)
        try:
            run_state_machine_as_test(seed(number)(machine), settings=chosen)
        finally:
            counts.update(machine.counts)
