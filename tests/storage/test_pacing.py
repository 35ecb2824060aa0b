"""Pacing: nobody waits alone, and flights that carry much wait for more."""

from __future__ import annotations

import asyncio

import pytest

from protocube_server.storage.pacing import Pace


class _Timed:
    """Notes how long the loop was asked to wait."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waits: list[float] = []
        monkeypatch.setattr(asyncio, "sleep", self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


@pytest.mark.parametrize(
    ("carried", "shortest", "longest"),
    [(0, 0, 0), (1, 0, 0), (10, 0.001, 0.01), (500, 0.001, 0.01)],
)
async def test_the_wait_follows_the_last_flight(
    monkeypatch: pytest.MonkeyPatch, carried: int, shortest: float, longest: float
) -> None:
    """The one who is alone leaves at once; under load the wait is some milliseconds at most."""
    timed = _Timed(monkeypatch)
    pace = Pace()
    pace.left(carried)
    await pace.gather()
    (wait,) = timed.waits
    assert shortest <= wait <= longest


async def test_callers_of_the_same_turn_come_aboard() -> None:
    """Whoever is ready when the flight is called is on it, also without load."""
    pace = Pace()
    aboard: list[int] = []
    for number in range(3):
        asyncio.get_running_loop().call_soon(aboard.append, number)
    await pace.gather()
    assert aboard == [0, 1, 2]
