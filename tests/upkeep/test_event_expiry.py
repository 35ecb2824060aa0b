"""Objects of kinds with a time to live are deleted that long after their last write."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from protocube.api.v1 import resource_pb2
from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.calls.chain import Stages
from protocube_server.settings import Settings
from protocube_server.storage import keys
from protocube_server.tasks import beside
from protocube_server.upkeep.expiry.lifetimes import Lifetimes
from protocube_server.upkeep.expiry.marks import Marks
from protocube_server.upkeep.expiry.objects import expiring
from tests.server.caller import Caller
from tests.upkeep.conftest import PATIENCE
from tests.upkeep.in_process import InProcess, term_of
from tests.upkeep.virtual_time import VirtualClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from protocube_server.calls.call import Call
    from protocube_server.calls.chain import Handler
    from protocube_server.calls.verb import Verb
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Store

HOUR = 3600.0
TURN = 60.0
MARKS = keys.system("/registry", keys.Area.MARKS, "events")
WORKERS = 2
"""Those of a leader that sleep by the clock: for records of requests and for events."""
ABOUT = {"involvedObject": {"namespace": "default"}}


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Provide settings of servers on one store of each kind."""
    url = f"sqlite:{tmp_path}/store.db"
    if request.param == "etcd":
        url = f"etcd://{request.getfixturevalue('etcd').endpoint}"
    return Settings(listen="127.0.0.1:0", store=url, grace=0.5)


class Leader:
    """A server whose time the test moves."""

    def __init__(self, running: app.App, caller: Caller, clock: VirtualClock, workers: int) -> None:
        self.api = caller
        self._store = running.api.store
        self._clock = clock
        self._workers = workers

    async def make(self, name: str, **fields: Any) -> Any:
        """Create an event of core/v1; return it once a mark says that it was written by now."""
        made = await self.api.create(self.api.make("events", name, **ABOUT, **fields))
        await self.marked(made)
        return made

    async def marked(self, written: Any) -> None:
        """Return once a mark says that an object was written by now."""
        marks = Marks(self._store, MARKS, HOUR)
        async with asyncio.timeout(PATIENCE):
            while marks.newest < int(written.metadata.resource_version):
                await self._clock.wake(sleepers=self._workers)
                await marks.read()

    async def advance(self, seconds: float) -> None:
        """Move the time, and let the workers take their turns."""
        await self._clock.advance(seconds, sleepers=self._workers)

    async def names(self, word: str = "events") -> list[str]:
        """Return what there is of a kind."""
        return [item.metadata.name for item in (await self.api.list(word)).items]


@contextlib.asynccontextmanager
async def _leading(
    settings: Settings, clock: VirtualClock, workers: int = WORKERS
) -> AsyncIterator[Leader]:
    async with (
        app.running(settings, clock=clock) as running,
        Caller(running.address, Catalog.shipped()) as caller,
    ):
        yield Leader(running, caller, clock, workers)


async def test_an_event_goes_an_hour_after_its_last_write(settings: Settings) -> None:
    """Not before, and a turn later at most; a write begins the hour anew; others stay."""
    clock = VirtualClock()
    async with _leading(settings, clock) as server:
        await server.api.create(server.api.make("cm", "a"))
        await server.make("once")
        twice = await server.make("twice")
        await clock.advance(HOUR / 2, sleepers=WORKERS)
        twice.count = 2
        await server.marked(await server.api.update(twice))
        await server.advance(HOUR / 2 - 1)
        assert await server.names() == ["once", "twice"], "nothing goes early"
        await server.advance(TURN)
        assert await server.names() == ["twice"]
        await server.advance(HOUR / 2)
        assert await server.names() == []
        assert await server.names("cm") == ["a"]


async def test_an_event_of_either_version_expires(settings: Settings) -> None:
    """Events of events.k8s.io/v1 are stored as those of core/v1."""
    clock = VirtualClock()
    async with _leading(settings, clock) as server:
        event = server.api.make(
            "events.events.k8s.io",
            "new",
            eventTime="2026-01-01T00:00:00.000000Z",
            reportingController="example.com/c",
            reportingInstance="c-0",
            action="Try",
            reason="Why",
            type="Normal",
            regarding={"namespace": "default"},
        )
        await server.marked(await server.api.create(event))
        await server.advance(HOUR + TURN)
        assert await server.names() == []


async def test_its_age_outlives_every_server(settings: Settings) -> None:
    """After a restart, also a long one, an event goes an hour after its write, and not later."""
    clock = VirtualClock()
    async with _leading(settings, clock) as server:
        await server.make("a")
        await server.advance(HOUR - 1)
    async with _leading(settings, clock) as server:
        await server.advance(0)
        assert await server.names() == ["a"]
        await server.make("b")
        await server.advance(TURN)
        assert await server.names() == ["b"]
    await asyncio.sleep(0)
    late = VirtualClock(clock.now() + 2 * HOUR)
    async with _leading(settings, late) as server:
        await server.advance(0)
        assert await server.names() == []


@pytest.mark.parametrize("settings", [pytest.param("etcd", marks=pytest.mark.etcd)], indirect=True)
async def test_another_server_goes_on(settings: Settings) -> None:
    """Of two servers the leader alone works; when it stops, the other one does at once."""
    clock = VirtualClock()
    async with contextlib.AsyncExitStack() as first:
        server = await first.enter_async_context(_leading(settings, clock))
        await server.make("a")
        async with _leading(settings, clock) as other:
            await server.advance(HOUR - 1)
            assert await other.names() == ["a"]
            await first.aclose()
            # The other one has begun when its workers have taken a turn.
            await other.advance(TURN)
            await other.advance(0)
            assert await other.names() == []


async def test_one_with_a_finalizer_is_marked_once(settings: Settings) -> None:
    """It waits for its finalizer like any object, and is not written again each turn."""
    clock = VirtualClock()
    async with _leading(settings, clock) as server:
        await server.make("held", metadata={"finalizers": ["example.com/hold"]})
        await server.advance(HOUR + TURN)
        (held,) = (await server.api.list("events")).items
        assert held.metadata.HasField("deletion_timestamp")
        await server.marked(held)
        for _ in range(2):
            await server.advance(HOUR + TURN)
        (after,) = (await server.api.list("events")).items
        assert after == held


class _Noted:
    """A stage that notes the deletions it sees; see ``calls.chain.Stage``."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def compile(self, kind: Kind, verb: Verb, following: Handler) -> Handler:
        """See ``Stage``."""
        del kind

        def handle(call: Call) -> Any:
            if verb.method == "Delete":
                self.seen.append((call.user.name, call.request.preconditions))
            return following(call)

        return handle


async def test_it_is_a_call_by_a_user_of_its_own(store: Store) -> None:
    """It meets the stages of all calls, and is of the object as it was read."""
    clock, noted = VirtualClock(), _Noted()
    house = await InProcess.over(store)
    made = await house.create("events", "a", **ABOUT)
    worker = expiring(house.api, Lifetimes(), Stages(authorized=noted), clock)
    term = await term_of(store, 1)

    async def work() -> None:
        await worker(term)

    async with beside(work()):
        marks = Marks(store, MARKS, HOUR)
        async with asyncio.timeout(PATIENCE):
            while not marks.newest:
                await clock.wake()
                await marks.read()
        await clock.advance(HOUR)
    ((user, conditions),) = noted.seen
    assert user == "system:expiry"
    assert conditions.uid == made.metadata.uid
    assert conditions.resource_version == made.metadata.resource_version


async def test_a_setting_rules_where_the_kind_says_so(settings: Settings) -> None:
    """With 0 events stay for ever, and no worker looks at them."""
    clock = VirtualClock()
    settings = dataclasses.replace(settings, lifetimes={"event-ttl": 0.0})
    async with _leading(settings, clock, workers=1) as server:
        await server.api.create(server.api.make("events", "a", **ABOUT))
        await server.advance(10 * HOUR)
        assert await server.names() == ["a"]


def test_a_kind_declares_for_how_long_its_objects_are_kept() -> None:
    """Its option says it, or the setting that the option names."""

    class _Kind:
        def __init__(self, **option: Any) -> None:
            self.resource = self
            self.options = resource_pb2.Resource(time_to_live=resource_pb2.TimeToLive(**option))

    lifetimes = Lifetimes(settings={"event-ttl": 60.0})
    kinds: list[tuple[Any, float]] = [
        (_Kind(), 0.0),
        (_Kind(seconds=5), 5.0),
        (_Kind(seconds=5, setting="event-ttl"), 60.0),
        (_Kind(seconds=5, setting="other"), 5.0),
        (_Kind(seconds=-5), 0.0),
    ]
    for kind, seconds in kinds:
        assert lifetimes.of(kind) == seconds
