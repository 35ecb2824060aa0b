"""The simulated store, beyond the contract: what it does when it is told to."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from protocube import errors
from protocube_server.storage.base import ConditionFailed
from tests.simulation.store import SimulatedStore, World


async def test_a_script_comes_between_a_read_and_the_write() -> None:
    """A lost race at just the write that is meant, and at no other."""
    world = World()
    store = SimulatedStore(world)
    record = await store.create(b"/a", b"one")
    world.before_write(b"/a", lambda: world.damage(b"/a", b"other"), nth=2)
    record = await store.update(b"/a", b"two", expected=record.mod_revision)
    with pytest.raises(ConditionFailed) as failed:
        await store.update(b"/a", b"three", expected=record.mod_revision)
    assert failed.value.current is not None
    assert failed.value.current.value == b"other"
    record = await store.update(b"/a", b"four", expected=failed.value.current.mod_revision)
    assert record.value == b"four"


async def test_a_script_may_raise_what_the_writer_gets() -> None:
    """Then the write does not happen."""
    world = World()
    store = SimulatedStore(world)

    def refuse() -> None:
        raise errors.TooManyRequests("wait", retry_after=1.0)

    world.before_write(b"/a", refuse)
    with pytest.raises(errors.TooManyRequests):
        await store.create(b"/a", b"one")
    assert await store.get(b"/a") is None
    await store.create(b"/a", b"one")


async def test_it_goes_back_in_time() -> None:
    """Watches end, the incarnation is another one, and there is what the backup had."""
    world = World()
    store = SimulatedStore(world)
    kept = await store.create(b"/kept", b"one")
    backup = world.backup()
    await store.create(b"/lost", b"one")
    before = store.incarnation
    async with aclosing(store.watch(b"/", after=kept.mod_revision)) as watch:
        assert [event.key for event in (await anext(watch)).events] == [b"/lost"]
        reading = asyncio.ensure_future(anext(watch))
        await asyncio.sleep(0)
        world.restore(backup)
        with pytest.raises(errors.Expired, match="gone back in time"):
            await reading
    assert store.incarnation != before
    assert (await store.list(b"/")).records == (kept,)


async def test_an_answer_is_never_of_a_store_that_is_gone() -> None:
    """What was asked before it went back in time is cut off: a write's outcome is not known."""
    world = World()

    class Between:
        async def before(self, what: str) -> None:
            pass

        async def after(self, what: str) -> None:  # noqa: ARG002  # of the protocol
            world.restore(backup)

    store = SimulatedStore(world, Between())
    backup = world.backup()
    with pytest.raises(errors.OutcomeUnknown):
        await store.create(b"/a", b"one")
    with pytest.raises(errors.Unavailable):
        await store.get(b"/a")
