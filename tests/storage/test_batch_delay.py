"""The delay of batches: none for a request that is alone, more after a batch that held much."""

from __future__ import annotations

import asyncio

import pytest

from protocube_server.storage.batching import BatchDelay


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
async def test_the_wait_follows_the_last_batch(
    monkeypatch: pytest.MonkeyPatch, carried: int, shortest: float, longest: float
) -> None:
    """A request that is alone is sent at once; under load the wait is some milliseconds at most."""
    timed = _Timed(monkeypatch)
    delay = BatchDelay()
    delay.sent(carried)
    await delay.wait()
    (wait,) = timed.waits
    assert shortest <= wait <= longest


async def test_callers_of_the_same_turn_are_waited_for() -> None:
    """What is ready in the same turn of the loop is in the batch, also without load."""
    delay = BatchDelay()
    ready: list[int] = []
    for number in range(3):
        asyncio.get_running_loop().call_soon(ready.append, number)
    await delay.wait()
    assert ready == [0, 1, 2]
