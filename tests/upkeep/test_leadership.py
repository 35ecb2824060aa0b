"""Leadership: one server works for all, and one that does not lead cannot write."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube_server.storage.base import GuardFailed, Put, Refused, Set
from protocube_server.upkeep.leadership import Leadership, Pace
from protocube_server.upkeep.term import Claim
from tests.faults.broken_stores import BrokenStore
from tests.upkeep.conftest import KEY, NEVER, PATIENCE, claim_of, taking_part

if TYPE_CHECKING:
    from protocube_server.storage.base import Record, Store
    from protocube_server.upkeep.term import Term

SHORT = Pace(renewal=0.1, deadline=0.6, patience=0.8, pause=0.02)
DATA = b"/registry/a/b"


def writing(value: bytes) -> Set:
    """Return a set of one write; its condition is that nobody has made it before."""
    return Set(writes=(Put(key=DATA + value, value=value, expected=0),))


async def claimed_by_hand(store: Store, before: Record | None, **claim: str | int) -> Record:
    """Write the key as another server would, and return its record."""
    values = {"holder": "other", "epoch": 7, "renewal": 0, **claim}
    made = Claim(
        holder=str(values["holder"]), epoch=int(values["epoch"]), renewal=int(values["renewal"])
    )
    if before is None:
        return await store.create(KEY, made.value())
    return await store.update(KEY, made.value(), expected=before.mod_revision)


async def test_without_workers_there_is_no_leadership(store: Store) -> None:
    """A server with nothing to do writes nothing, and the call ends."""
    before = await store.revision()
    await Leadership(store, "/registry").run(())
    assert await store.revision() == before


async def test_the_first_server_leads_at_once_and_renews(store: Store) -> None:
    """The key names it and its epoch, and moves with each renewal; there is no time in it."""
    async with taking_part(store) as (server,):
        server.start()
        term = await server.led()
        first = await store.get(KEY)
        assert first is not None
        assert claim_of(first).keys() == {"holder", "epoch", "renewal"}
        assert (claim_of(first)["holder"], claim_of(first)["epoch"], term.epoch) == ("a", 1, 1)
        async with (
            asyncio.timeout(PATIENCE),
            aclosing(store.watch(KEY, after=first.mod_revision)) as watch,
        ):
            for number in range(3):
                (event,) = (await anext(watch)).events
                claim = claim_of(event.record)
                assert claim["epoch"] == 1
                assert claim["renewal"] == claim_of(first)["renewal"] + 1 + number


async def test_a_server_that_stops_is_followed_at_once(store: Store) -> None:
    """It gives the leadership up, so its followers need not wait until it seems dead."""
    async with taking_part(store, store, store) as (first, *others):
        first.start()
        assert (await first.led()).epoch == 1
        for other in others:
            other.start()
        await first.stop()
        assert (await first.over()).epoch == 1
        async with asyncio.timeout(PATIENCE):
            leading, _ = await asyncio.wait(
                {asyncio.ensure_future(other.led()) for other in others},
                return_when=asyncio.FIRST_COMPLETED,
            )
        assert [task.result().epoch for task in leading] == [2]


async def test_the_last_server_that_stops_leaves_the_key_free(store: Store) -> None:
    """The epoch stays in it, so that no two terms have the same."""
    for epoch in (1, 2, 3):
        async with taking_part(store) as (server,):
            server.start()
            assert (await server.led()).epoch == epoch
        claim = claim_of(await store.get(KEY))
        assert (claim["holder"], claim["epoch"]) == ("", epoch)


class _Late(BrokenStore):
    """Carries out a renewal behind the look of a server that stops: it was under way."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.is_stopping = False

    async def get(self, key: bytes) -> Record | None:
        """Return what is there, and write another renewal of the same holder."""
        record = await super().get(key)
        if record is not None and self.is_stopping:
            self.is_stopping = False
            claim = Claim.read(record)
            await claimed_by_hand(
                self, record, holder=claim.holder, epoch=claim.epoch, renewal=claim.renewal + 1
            )
        return record


async def test_a_renewal_that_was_under_way_does_not_keep_the_leadership(store: Store) -> None:
    """A server that stops gives it up all the same, so that nobody waits for its silence."""
    late = _Late(store)
    async with taking_part(late) as (server,):
        server.start()
        await server.led()
        late.is_stopping = True
    assert claim_of(await store.get(KEY))["holder"] == ""


async def test_a_silent_leader_is_replaced_after_the_patience(store: Store) -> None:
    """Not before: a follower waits that long by its own clock, from when it first looked."""
    record = await claimed_by_hand(store, None)
    now = asyncio.get_running_loop().time
    async with taking_part(store, pace=SHORT) as (server,):
        begun = now()
        server.start()
        assert (await server.led()).epoch == 8
        assert now() - begun >= SHORT.patience
    assert record.mod_revision < (await store.revision())


async def test_a_leader_that_renews_is_not_replaced(store: Store) -> None:
    """Whatever it writes: it is the change that counts, and no number or time in it."""
    record = await claimed_by_hand(store, None, renewal=1_000_000)
    async with taking_part(store, pace=SHORT) as (server,):
        server.start()
        leading = asyncio.ensure_future(server.led())
        for renewal in (5, 5, -1, 2**60, 0):
            await asyncio.wait({leading}, timeout=SHORT.patience / 2)
            assert not leading.done()
            record = await claimed_by_hand(store, record, renewal=renewal)
        assert (await leading).epoch == 8


async def test_a_key_that_cannot_be_read_is_waited_for_too(store: Store) -> None:
    """What is in it may be a newer server's; silence alone lets another one take it."""
    for value in (b"", b"\xff", b"[]", b'{"holder": "x"}', b'{"holder": "x", "epoch": "y"}'):
        await store.write([Put(key=KEY, value=value, expected=0)])
        async with taking_part(store, pace=SHORT) as (server,):
            server.start()
            leading = asyncio.ensure_future(server.led())
            await asyncio.wait({leading}, timeout=SHORT.patience / 4)
            assert not leading.done()
            assert (await leading).epoch == 1
        await store.delete(KEY)


async def test_a_deposed_leader_cannot_write(store: Store) -> None:
    """The store refuses what its workers write, before it knows; then it stops them."""
    async with taking_part(store, pace=NEVER) as (server,):
        server.start()
        term = await server.led()
        await term.apply(writing(b"before"))
        while True:
            record = await store.get(KEY)
            assert record is not None
            (outcome,) = await store.write(
                [
                    Put(
                        key=KEY,
                        value=Claim(holder="other", epoch=2, renewal=0).value(),
                        expected=record.mod_revision,
                    )
                ]
            )
            if not isinstance(outcome, Refused):
                break
        with pytest.raises(GuardFailed) as refused:
            await term.apply(writing(b"after"))
        assert refused.value.key == KEY
        assert await store.get(DATA + b"after") is None
        assert await server.over() is term
    assert claim_of(await store.get(KEY))["holder"] == "other"


async def test_a_term_that_has_ended_does_not_come_back(store: Store) -> None:
    """A worker that outlives its term cannot write in the next one of the same server."""
    async with taking_part(store) as (server,):
        server.start()
        first = await server.led()
        await server.stop()
        server.start()
        assert (await server.led()).epoch == 2
        with pytest.raises(GuardFailed):
            await first.apply(writing(b"late"))
        assert await store.get(DATA + b"late") is None


async def test_renewals_do_not_stop_writes(store: Store) -> None:
    """Though each of them moves the key that writes are guarded by."""
    busy = Pace(renewal=0.001, deadline=3000.0, patience=3600.0)
    async with taking_part(store, pace=busy) as (server,):
        server.start()
        term = await server.led()
        for number in range(100):
            await term.apply(writing(b"%d" % number))
        assert claim_of(await store.get(KEY))["renewal"] > 0
    assert (await store.list(b"/registry/a/")).count == 100


async def test_of_many_servers_one_leads(store: Store) -> None:
    """They are stopped one after the other, in any order: there is always one, and never two."""
    leading: set[str] = set()
    epochs: list[int] = []
    async with taking_part(*[store] * 6) as servers:
        for server in servers:
            name = server.leadership.holder

            async def work(term: Term, name: str = name) -> None:
                assert not leading
                leading.add(name)
                epochs.append(term.epoch)
                try:
                    await asyncio.Event().wait()
                finally:
                    leading.discard(name)

            server.start(work)
        left = list(servers)
        while left:
            async with asyncio.timeout(PATIENCE):
                ready, rest = await asyncio.wait(
                    {asyncio.ensure_future(server.led()) for server in left},
                    return_when=asyncio.FIRST_COMPLETED,
                )
            assert len(ready) == 1
            for task in rest:
                task.cancel()
            (name,) = leading
            (leader,) = [server for server in left if server.leadership.holder == name]
            left.remove(leader)
            await leader.stop()
    assert epochs == [1, 2, 3, 4, 5, 6]


async def test_a_worker_that_fails_is_started_again(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """With its reason in the log, and the others do not notice; one that ends stays ended."""
    tries = 0
    enough = asyncio.Event()
    ended: list[Term] = []

    async def failing(term: Term) -> None:  # noqa: ARG001  # every worker has one
        nonlocal tries
        tries += 1
        if tries == 3:
            enough.set()
        raise LookupError(f"try {tries}")

    async def ending(term: Term) -> None:
        ended.append(term)

    async with taking_part(store) as (server,):
        with caplog.at_level(logging.ERROR, logger="protocube.server"):
            server.start(failing, ending)
            term = await server.led()
            async with asyncio.timeout(PATIENCE):
                await enough.wait()
        assert server.ended.empty()
        await term.apply(writing(b"still"))
        assert ended == [term]
    assert [text in caplog.text for text in ("failing failed", "try 1", "try 2")] == [True] * 3


@pytest.mark.parametrize(
    ("renewal", "deadline", "patience"), [(5, 5, 15), (5, 15, 15), (20, 10, 15)]
)
def test_times_of_which_two_could_lead_are_refused(
    renewal: float, deadline: float, patience: float
) -> None:
    """A leader must have stopped before a follower takes its place."""
    with pytest.raises(ValueError, match="before the deadline"):
        Pace(renewal=renewal, deadline=deadline, patience=patience)
