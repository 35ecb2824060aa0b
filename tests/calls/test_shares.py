"""The stage in which calls wait for each other: which wait for which."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.calls.call import Call
from protocube_server.calls.shares import Concurrency, FairShares
from protocube_server.calls.user import SYSTEM
from protocube_server.kinds.edition import Edition
from protocube_server.kinds.registry import Registry
from protocube_server.verbs.methods import METHODS

if TYPE_CHECKING:
    from protocube_server.calls.chain import Handler

EDITION = Edition(number=1, kinds=Registry(Catalog.shipped(), "/registry", FUNCTIONS))
KIND = EDITION.kinds.for_message("protocube.core.v1.Pod")
LARGE = b"x" * 100
ONE_EACH = Concurrency(short=1, long=1, large=len(LARGE))


class _Stage:
    """A stage of one seat each, in front of a verb that does not end before it is told to."""

    def __init__(self) -> None:
        self._stage = FairShares(ONE_EACH)
        self._ends = asyncio.Event()
        self.begun: list[str] = []

    async def call(self, method: str, raw: bytes = b"") -> asyncio.Task[Any]:
        """Make a call, and let it come as far as it comes."""
        assert KIND is not None
        verb = METHODS[method].verb
        handler: Handler = self._stage.compile(KIND, verb, self._run)
        made = Call(user=SYSTEM, edition=EDITION, kind=KIND, verb=verb, raw=raw)
        task: asyncio.Task[Any] = asyncio.ensure_future(handler(made))
        await asyncio.sleep(0)
        return task

    async def end(self) -> None:
        """Let all calls end."""
        self._ends.set()

    async def _run(self, call: Call) -> bytes:
        self.begun.append(call.verb.method)
        await self._ends.wait()
        return b""


@pytest.mark.parametrize(
    ("method", "size"),
    [("Get", 0), ("List", 0), ("Create", 0), ("Create", 100), ("DeleteCollection", 0)],
)
async def test_a_class_without_a_free_seat_keeps_no_other_one_waiting(
    method: str, size: int
) -> None:
    """Two calls of one class do not go on at once, and one of each other class does."""
    stage = _Stage()
    calls = [await stage.call(method, b"x" * size) for _ in range(2)]
    assert stage.begun == [method]
    others = {
        ("Get", 0),
        ("List", 0),
        ("Update", 0),
        ("UpdateStatus", 100),
        ("DeleteCollection", 0),
    }
    same = {"Create": "Update" if not size else "UpdateStatus"}.get(method, method)
    for other, other_size in sorted(others):
        if other != same:
            calls.append(await stage.call(other, b"x" * other_size))
    assert len(stage.begun) == 5, stage.begun
    await stage.end()
    await asyncio.gather(*calls)
    assert len(stage.begun) == 6


async def test_a_watch_takes_no_seat() -> None:
    """It would not give it back."""
    assert KIND is not None
    stage = FairShares(ONE_EACH)

    async def run(_: Call) -> bytes:
        return b""

    assert stage.compile(KIND, METHODS["Watch"].verb, run) is run


async def test_a_call_that_fails_gives_its_seat_back() -> None:
    """The next one of its class goes on."""
    assert KIND is not None
    verb = METHODS["Get"].verb
    ends = [ValueError("first"), None]

    async def run(_: Call) -> bytes:
        error = ends.pop(0)
        if error is not None:
            raise error
        return b"second"

    handler = FairShares(ONE_EACH).compile(KIND, verb, run)
    call = Call(user=SYSTEM, edition=EDITION, kind=KIND, verb=verb, raw=b"")
    with pytest.raises(ValueError, match="first"):
        await handler(call)
    assert await handler(call) == b"second"
