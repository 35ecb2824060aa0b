"""How a unary call is sent: its time, its answer, and what becomes of a refusal.

The server's place is taken by its answers alone; tests/client/test_busy.py has a real one.
"""

from __future__ import annotations

import asyncio
import io

import pytest

from protocube import errors
from protocube_client.connection.connection import Answer
from protocube_client.request import Request
from protocube_client.resource.trace import Trace

REQUEST = Request(method="/protocube.core.v1.ConfigMaps/Get", body=b"request")


class Refusing:
    """Refuses as many calls as it is told to, and then answers with fixed bytes."""

    def __init__(self, refusals: int = 0, *, retry_after: float | None = 0.0) -> None:
        self.timeout: float | None = None
        self.patience = 0.0
        self.calls: list[tuple[str, bytes]] = []
        self.timeouts: list[float | None] = []
        self._refusals = refusals
        self._retry_after = retry_after

    async def call(self, method: str, request: bytes, *, timeout: float | None = None) -> Answer:  # noqa: ASYNC109  # the seam's signature
        """Answer one call, or refuse it."""
        self.calls.append((method, request))
        self.timeouts.append(timeout)
        if len(self.calls) <= self._refusals:
            raise errors.TooManyRequests("busy", retry_after=self._retry_after)
        return Answer(body=b"answer", warnings=("careful",))


async def test_the_answer_is_handed_through() -> None:
    """Method, bytes and time limit go to the caller; body and warnings come back."""
    caller = Refusing()
    answer = await REQUEST.send(caller, timeout=3)
    assert caller.calls == [("/protocube.core.v1.ConfigMaps/Get", b"request")]
    assert caller.timeouts == [3]
    assert (answer.body, answer.warnings) == (b"answer", ("careful",))


async def test_a_busy_server_is_asked_again() -> None:
    """The same call is sent up to ten times while the server says that it will have room."""
    caller = Refusing(9)
    answer = await REQUEST.send(caller)
    assert answer.body == b"answer"
    assert caller.calls == [(REQUEST.method, REQUEST.body)] * 10


@pytest.mark.parametrize(
    ("retry_after", "asked"),
    [(0.0, 10), (None, 1), (60.1, 1), (3600.0, 1)],
    ids=["ten refusals", "no delay named", "more than a minute", "an hour"],
)
async def test_waiting_is_bounded(retry_after: float | None, asked: int) -> None:
    """The refusal is raised, with the server's delay, where waiting would not do."""
    caller = Refusing(99, retry_after=retry_after)
    async with asyncio.timeout(20):
        with pytest.raises(errors.TooManyRequests) as caught:
            await REQUEST.send(caller)
    assert len(caller.calls) == asked
    assert caught.value.retry_after == retry_after


async def test_all_attempts_share_the_time_of_the_call() -> None:
    """Each may take what is left of it."""
    caller = Refusing(3, retry_after=0.001)
    await REQUEST.send(caller, timeout=5)
    left = [limit for limit in caller.timeouts if limit is not None]
    assert len(left) == 4
    assert left[0] == 5
    assert left == sorted(left, reverse=True)
    assert left[-1] < 5 - 3 * 0.001


@pytest.mark.parametrize("own", [True, False])
async def test_a_delay_beyond_the_time_of_the_call_is_not_waited_for(own: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """Whether the time is the call's own or the caller's: the refusal is raised at once."""
    caller = Refusing(99, retry_after=30)
    caller.timeout = None if own else 20
    async with asyncio.timeout(10):
        with pytest.raises(errors.TooManyRequests):
            await REQUEST.send(caller, timeout=20 if own else None)
    assert len(caller.calls) == 1


async def test_no_other_error_is_waited_for() -> None:
    """An error of another class may come after something has happened."""

    class Unavailable(Refusing):
        async def call(
            self,
            method: str,
            request: bytes,
            *,
            timeout: float | None = None,  # noqa: ASYNC109  # the seam's signature
        ) -> Answer:
            self.calls.append((method, request))
            self.timeouts.append(timeout)
            raise errors.Unavailable("leaving", retry_after=0)

    caller = Unavailable()
    with pytest.raises(errors.Unavailable):
        await REQUEST.send(caller)
    assert len(caller.calls) == 1


async def test_the_trace_tells_of_a_refusal() -> None:
    """Between the lines of the one request, with the delay and the server's words."""
    stream = io.StringIO()
    await REQUEST.send(Refusing(1), trace=Trace(stream))
    lines = [line.strip() for line in stream.getvalue().splitlines()]
    assert lines[:4] == [
        "-> Request",
        "method:  /protocube.core.v1.ConfigMaps/Get",
        "request: 7 bytes",
        "refused, again in 0.0 s: busy",
    ]
    assert lines[4].startswith("<- Request answer 6 bytes after ")
