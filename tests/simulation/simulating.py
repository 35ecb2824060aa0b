"""One run: servers on one store, clients, and whatever the seed does to them."""

from __future__ import annotations

import asyncio
import contextlib
import random
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import base
from tests.faults.calling import Caller
from tests.faults.history import Fate, Stretch, Verb
from tests.faults.subjects import DAMAGED
from tests.simulation import endings, judging, loop
from tests.simulation.judging import Recorded
from tests.simulation.kinds import CONTENTS
from tests.simulation.servers import PREFIX, SimulatedServer
from tests.simulation.store import World
from tests.simulation.tenants import NAMES, Tenants
from tests.simulation.weather import Odds, Rough

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.subjects import Keys, State, Subject
    from tests.simulation.history import History

_KEYS = 6
_PATIENCE = 600.0
"""Virtual seconds in which everything must be right again once nothing is harmed any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run may do, beside what the weather does. Each is the number of times."""

    servers: int = 2
    writers: int = 2
    watchers: int = 2
    tenants: int = 1
    """Who make and delete namespaces."""
    calls: int = 15
    """Of each writer."""
    restores: int = 1
    damages: int = 1
    kills: int = 1
    compactions: int = 1
    seconds: float = 10.0
    """In which all of that happens."""
    odds: Odds = field(default_factory=Odds)


def drawn(chance: random.Random) -> Plan:
    """Return a plan as the seed has it."""
    return Plan(
        servers=chance.randint(1, 3),
        writers=chance.randint(1, 3),
        restores=chance.choice((0, 1, 1, 2)),
        damages=chance.choice((0, 1, 1, 2)),
        kills=chance.choice((0, 1, 2)),
        compactions=chance.choice((0, 1, 2)),
        odds=Odds(slow=chance.choice((0.0, 0.2, 0.5))),
        tenants=chance.choice((0, 1, 1, 2)),
    )


def faults(seed: int, plan: Plan | None = None) -> list[str]:
    """Run what ``seed`` says, and return what was wrong: nothing when all was right."""
    chance = random.Random(seed)
    simulation = Simulation(chance, plan or drawn(chance))
    try:
        loop.run(simulation.run(), chance)
    except loop.Stuck as stuck:
        return [f"the run is stuck: {stuck}"]
    return [
        *simulation.wrong,
        *judging.faults(simulation.world, PREFIX, simulation.recorded),
        *endings.faults(simulation.world, simulation.told),
    ]


class Simulation:
    """One run; :meth:`run` it on a :class:`loop.SimulatedLoop` with the same ``chance``."""

    def __init__(self, chance: random.Random, plan: Plan) -> None:
        self.world = World()
        self.recorded = Recorded()
        self.wrong: list[str] = []
        self._chance = chance
        self._plan = plan
        self._odds = plan.odds
        self._caller = Caller(self.recorded.history)
        self._backup: History = self.world.backup()
        self._servers = [
            SimulatedServer(f"server {number}", self.world, Rough(chance, plan.odds))
            for number in range(plan.servers)
        ]
        self._tenants = Tenants(chance, self.world, self._servers)
        self.told = self._tenants.told

    async def run(self) -> None:
        """Do it all, then harm nothing any more and wait until all is right."""
        plan = self._plan
        for server in self._servers:
            server.start()
        watching = [
            asyncio.ensure_future(self._watch(f"watcher {number}"))
            for number in range(plan.watchers)
        ]
        writing = [asyncio.ensure_future(self._write()) for _ in range(plan.writers)]
        writing += [
            asyncio.ensure_future(self._tenants.live(seconds=plan.seconds))
            for _ in range(plan.tenants)
        ]
        await asyncio.gather(*writing, *self._harms())
        self._odds.fail = self._odds.lose = self._odds.slow = 0.0
        await self._end_namespaces()
        try:
            async with asyncio.timeout(_PATIENCE):
                mark = await self._mark()
        except TimeoutError:
            self.wrong.append("no server takes a write any more")
        else:
            await self._settle(mark)
        for task in watching:
            task.cancel()
        await asyncio.wait(watching)
        for server in self._servers:
            await server.kill()
            self.wrong += [f"an internal error: {text}" for text in server.internal]

    def _harms(self) -> Sequence[asyncio.Future[None]]:
        plan = self._plan
        harms = [
            *[self._restore] * plan.restores,
            *[self._damage] * plan.damages,
            *[self._kill] * plan.kills,
            *[self._compact] * plan.compactions,
        ]
        return [asyncio.ensure_future(harm()) for harm in harms]

    async def _some_time(self, longest: float) -> None:
        await loop.wait(self._chance.random() * longest)

    async def _restore(self) -> None:
        await self._some_time(self._plan.seconds / 2)
        backup = self.world.backup()
        await self._some_time(self._plan.seconds / 2)
        self.world.restore(backup)
        # What others write at once hides that revisions are behind.
        for number in range(self._chance.randrange(8)):
            key = PREFIX.replace(b"default", b"other") + b"%d" % number
            with contextlib.suppress(errors.ApiError):
                self.world.damage(key, DAMAGED)

    async def _damage(self) -> None:
        await self._some_time(self._plan.seconds)
        keys = self._keys()
        if not keys:
            return
        key = self._chance.choice(keys)
        self.world.damage(key, DAMAGED)
        await self._some_time(self._plan.seconds)
        now = self.world.history.get(key)
        if now is not None and now.value == DAMAGED:
            self.world.history.write((base.Remove(key=key),))
            self.world.move()

    def _keys(self) -> list[bytes]:
        """Return the keys of all objects that clients have made."""
        prefixes = [PREFIX, *(kind.prefix(name) for kind in CONTENTS for name in NAMES)]
        return [
            record.key
            for prefix in prefixes
            for record in self.world.history.page(prefix, start=b"", limit=0, at=0).records
        ]

    async def _kill(self) -> None:
        await self._some_time(self._plan.seconds)
        server = self._chance.choice(self._servers)
        await server.kill()
        await self._some_time(5.0)
        server.start()

    async def _compact(self) -> None:
        await self._some_time(self._plan.seconds)
        newest = self.world.history.revision
        self.world.compact(self._chance.randint(self.world.history.compacted, newest))

    async def _write(self) -> None:
        known: dict[str, State | None] = {}
        for _ in range(self._plan.calls):
            subject = self._chance.choice(self._servers)
            if self._chance.randrange(4) == 0:
                await self._list(subject)
                continue
            key = f"k{self._chance.randrange(_KEYS)}"
            before = known.get(key)
            verb = self._chance.choices(
                [
                    Verb.GET,
                    Verb.UPDATE if before else Verb.CREATE,
                    Verb.DELETE if before else Verb.GET,
                ],
                [3, 5, 1],
            )[0]
            known[key] = await self._call(subject, verb, key, before)
            await self._some_time(1.0)

    async def _call(
        self, subject: Subject, verb: Verb, key: str, before: State | None
    ) -> State | None:
        try:
            return (await self._caller.call(subject, verb, key, before)).state
        except errors.Damaged:
            return None  # It is neither there nor not.

    async def _list(self, subject: SimulatedServer) -> None:
        limit = self._chance.choice((0, 0, 2))
        await self._caller.list(_Paged(subject, limit))

    async def _watch(self, name: str) -> None:
        """Watch from now on, and again behind what was seen, whatever ends it. Cancel it."""
        stretch: tuple[int, Stretch] | None = None
        while True:
            server = self._chance.choice(self._servers)
            epoch = self.world.epoch
            try:
                if stretch is None or stretch[0] != epoch:
                    # A number from another epoch means something else: no server can tell.
                    after = await server.newest()
                    if self.world.epoch != epoch:
                        continue
                    stretch = (epoch, Stretch(watcher=name, after=after))
                    self.recorded.stretches.append(stretch)
                seen = stretch[1]
                begun_behind = seen.through or seen.after
                async with aclosing(server.watch(after=begun_behind)) as watch:
                    async for events in watch:
                        if events:
                            seen.events.extend(events)
                            seen.through = events[-1].revision
            except errors.Expired:
                stretch = None
            except errors.ApiError:
                await self._some_time(1.0)

    async def _end_namespaces(self) -> None:
        """Give namespaces that are being deleted the time to end; the judge says if they did."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while endings.unfinished(self.world.history, self.told):
                    await self._tenants.release()
                    await loop.wait(1.0)

    async def _mark(self) -> int:
        """Write what is the last change of the run, and return its revision."""
        subject = self._servers[0]
        while True:
            told = await self._caller.call(subject, Verb.CREATE, self._caller.fresh("mark"), None)
            if told.fate is Fate.DONE and told.state is not None:
                return told.state.revision
            await loop.wait(0.5)

    async def _settle(self, mark: int) -> None:
        """Wait until all that watch have seen ``mark``; then list from each server's memory."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while self._behind(mark):
                    await self._some_time(1.0)
        except TimeoutError:
            self.wrong += [f"{name} did not see the end of the run" for name in self._behind(mark)]
        for server in self._servers:
            for limit in (0, 0, 2):
                await loop.wait(1.0)
                await self._caller.list(_Paged(server, limit))
        for epoch, stretch in self.recorded.stretches:
            if epoch == self.world.epoch and stretch is self._last(stretch.watcher):
                stretch.through = max(mark, stretch.after)

    def _behind(self, mark: int) -> list[str]:
        names = [f"watcher {number}" for number in range(self._plan.watchers)]
        return [name for name in names if not self._has_seen(self._last(name), mark)]

    def _has_seen(self, stretch: Stretch | None, mark: int) -> bool:
        return stretch is not None and max(stretch.through, stretch.after) >= mark

    def _last(self, name: str) -> Stretch | None:
        of_name = [each for _, each in self.recorded.stretches if each.watcher == name]
        return of_name[-1] if of_name else None


class _Paged:
    """A server whose lists are read in pages: all of a :class:`Subject` that a list needs."""

    def __init__(self, server: SimulatedServer, limit: int) -> None:
        self._server = server
        self._limit = limit
        self.create, self.update, self.delete = server.create, server.update, server.delete
        self.get, self.newest, self.watch = server.get, server.newest, server.watch

    async def list(self) -> Keys:
        """Return all keys, in pages of so many."""
        return await self._server.list(limit=self._limit)
