"""Leadership of several processes on one etcd: killed, stopped, and cut off."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protocube.catalog import Catalog
from protocube_server.storage.etcd import EtcdStore
from protocube_server.upkeep.leadership import Pace
from tests.server.caller import Caller
from tests.server_process import started
from tests.upkeep import leading_child
from tests.upkeep.conftest import KEY, PATIENCE, claim_of, taking_part

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from protocube_server.storage.base import Store
    from tests.etcd_process import Etcd

pytestmark = pytest.mark.etcd


class Child:
    """A process that takes part."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def says(self, word: str) -> int:
        """Return the epoch of the next line that begins with ``word``; others are skipped."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while line := (await self._process.stdout.readline()).decode().split():
                if line[0] == word:
                    return int(line[1])
        raise AssertionError(f"the process ended and did not say {word!r}")

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def ended(self) -> None:
        """Wait until it has ended, killing it first if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.communicate()


@contextlib.asynccontextmanager
async def child(etcd: Etcd, holder: str) -> AsyncIterator[Child]:
    """Provide a process that takes part in the leadership of what is in ``etcd``."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.upkeep.leading_child", etcd.endpoint, holder),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    started_child = Child(process)
    try:
        yield started_child
    finally:
        await started_child.ended()


@contextlib.asynccontextmanager
async def opened(etcd: Etcd) -> AsyncIterator[Store]:
    """Provide a store on ``etcd``."""
    store = await EtcdStore.open([etcd.endpoint])
    try:
        yield store
    finally:
        await store.close()


async def written_in_order(store: Store) -> list[str]:
    """Return who wrote the data, in order; each once, as nobody wrote again after a successor."""
    writers: list[str] = []
    last = await store.create(b"/registry/data/two", b"")
    async with aclosing(store.watch(b"/registry/data/", after=1)) as watch:
        async for revision in watch:
            for event in revision.events:
                assert event.record is not None
                if event.key == last.key:
                    assert [int(each.split()[0]) for each in writers] == sorted(
                        {int(each.split()[0]) for each in writers}
                    )
                    return writers
                text = event.record.value.decode()
                if text not in writers[-1:]:
                    writers.append(text)
    raise AssertionError("a watch does not end by itself")


async def test_a_killed_leader_is_replaced(etcd: Etcd) -> None:
    """After kill -9 another process leads, once the patience has passed, and not before."""
    now = asyncio.get_running_loop().time
    async with opened(etcd) as store, child(etcd, "a") as first, child(etcd, "b") as second:
        leads = {asyncio.ensure_future(each.says("leads")): each for each in (first, second)}
        done, waiting = await asyncio.wait(leads, return_when=asyncio.FIRST_COMPLETED)
        (leader,) = done
        (follower,) = waiting
        assert leader.result() == 1
        begun = now()
        leads[leader].send(signal.SIGKILL)
        assert await follower == 2
        # A renewal may have been under way to the follower when the leader was killed.
        assert now() - begun >= leading_child.PACE.patience - leading_child.PACE.renewal
        assert [text.split()[0] for text in await written_in_order(store)] == ["1", "2"]


async def test_a_leader_that_was_stopped_cannot_write_any_more(etcd: Etcd) -> None:
    """A process that wakes up after another one took over has its writes refused."""
    async with opened(etcd) as store, child(etcd, "a") as first:
        assert await first.says("leads") == 1
        async with child(etcd, "b") as second:
            first.send(signal.SIGSTOP)
            assert await second.says("leads") == 2
            first.send(signal.SIGCONT)
            assert await first.says("refused") == 1
            # It takes part again, as a follower.
            second.send(signal.SIGTERM)
            assert await second.says("written") == 2
            assert await first.says("leads") == 3
        assert await written_in_order(store) == ["1 a", "2 b", "3 a"]


async def test_a_leader_without_a_store_stops_its_workers(etcd: Etcd) -> None:
    """While etcd hangs nobody can renew: the leader ends its term by its own deadline."""
    pace = Pace(renewal=0.1, deadline=1.0, patience=2.0, pause=0.05)
    async with (
        opened(etcd) as one,
        opened(etcd) as other,
        taking_part(one, other, pace=pace) as (first, second),
    ):
        first.start()
        assert (await first.led()).epoch == 1
        second.start()
        etcd.pause()
        try:
            assert (await first.over()).epoch == 1
        finally:
            etcd.resume()
        async with asyncio.timeout(PATIENCE):
            leading, rest = await asyncio.wait(
                {asyncio.ensure_future(server.led()) for server in (first, second)},
                return_when=asyncio.FIRST_COMPLETED,
            )
        assert [task.result().epoch >= 2 for task in leading] == [True]
        for task in rest:
            task.cancel()


async def test_a_leader_is_back_after_a_restart_of_etcd(etcd: Etcd) -> None:
    """Kill -9 of etcd ends a term at most; with etcd there is a leader again."""
    async with opened(etcd) as store, child(etcd, "a") as only:
        assert await only.says("leads") == 1
        before = await store.revision()
        etcd.kill()
        await asyncio.to_thread(etcd.start)
        async with (
            asyncio.timeout(PATIENCE),
            aclosing(store.watch(leading_child.DATA, after=before + 1000)) as watch,
        ):
            await anext(watch)
        assert claim_of(await store.get(KEY))["holder"] == "a"
        await written_in_order(store)


async def test_servers_hand_over_when_they_are_stopped(etcd: Etcd) -> None:
    """Of two servers the first one leads; after its SIGTERM the other does, within seconds."""
    flags = ("--listen", "127.0.0.1:0", "--store", f"etcd://{etcd.endpoint}")
    async with opened(etcd) as store, started(*flags) as first:
        await first.ready()
        claims = store.watch(KEY, after=1)
        async with aclosing(claims), asyncio.timeout(PATIENCE):
            (event,) = (await anext(claims)).events
            leading = claim_of(event.record)
            async with started(*flags) as second:
                await second.ready()
                first.send(signal.SIGTERM)
                assert await first.ended() == 0
                async for revision in claims:
                    (event,) = revision.events
                    if claim_of(event.record)["epoch"] == 2:
                        break
        assert claim_of(event.record)["holder"] not in ("", leading["holder"])


async def test_a_server_that_compacts_nothing_leads_all_the_same(etcd: Etcd) -> None:
    """Namespaces that are deleted have to end; when it stops, it gives the leadership up."""
    flags = ("--listen", "127.0.0.1:0", "--store", f"etcd://{etcd.endpoint}")
    async with opened(etcd) as store, started(*flags, "--compact-interval", "0") as server:
        async with Caller(await server.ready(), Catalog.shipped()) as caller:
            await caller.create(caller.make("ns", "x"))
            await caller.delete("ns", "x")
            await caller.until_gone("ns", "x")
        assert claim_of(await store.get(KEY))["holder"]
        server.send(signal.SIGTERM)
        assert await server.ended() == 0
        assert not claim_of(await store.get(KEY))["holder"]
